create text search template x (lexize = dsimple_lexize, init = dsimple_init);
create text search dictionary d (template = x);
