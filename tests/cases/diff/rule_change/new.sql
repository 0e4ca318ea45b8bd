create table t (a int);
create table log (a int);
create rule r as on update to t where old.a <> new.a do also insert into log values (new.a);
comment on rule r on t is 'told';
