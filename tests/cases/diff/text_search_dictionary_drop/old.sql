create text search dictionary d (template = snowball, language = english);
comment on text search dictionary d is 'd';
