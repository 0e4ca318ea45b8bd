create table log(id bigserial, at timestamptz not null default now(), lvl smallint not null, msg text not null default '', host inet, primary key (id, at)) partition by range (at);
create table log_d partition of log default;
create table log_1 partition of log for values from ('2025-01-01') to ('2025-02-01');
create function al() returns trigger language plpgsql as 'begin return null; end';
create trigger al after insert on log for each row when (new.lvl > 4) execute function al();
alter table log_1 add constraint l1 check (lvl >= 0);
create index log_lvl on log(lvl);
alter table log_d set (autovacuum_enabled=false);
grant insert on log to gm_writer; grant select on log_1 to gm_reader;
