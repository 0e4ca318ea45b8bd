create text search template x (lexize = dsimple_lexize);
