create collation c (provider = icu, locale = 'de', deterministic = false);
comment on collation c is 'loose';
