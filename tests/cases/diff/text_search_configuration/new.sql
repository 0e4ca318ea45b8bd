create text search configuration c (copy = simple);
alter text search configuration c alter mapping for asciiword, word with english_stem, simple;
alter text search configuration c drop mapping for email;
comment on text search configuration c is 'c';
