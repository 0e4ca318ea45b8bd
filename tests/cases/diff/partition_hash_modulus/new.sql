create table e (k int) partition by hash (k);
create table e_0 partition of e for values with (modulus 4, remainder 0);
create table e_1 partition of e for values with (modulus 2, remainder 1);
create table e_2 partition of e for values with (modulus 4, remainder 2);
