create operator family f using btree;
alter operator family f using btree add
    operator 1 < (int, int), operator 3 = (int, int), function 1 btint4cmp(int, int);
comment on operator family f using btree is 'f';
