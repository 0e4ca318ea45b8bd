create collation french (provider = icu, locale = 'fr-u-ks-level1', deterministic = false);
create collation posix (lc_collate = 'C', lc_ctype = 'C');
create table t (a text collate french);
