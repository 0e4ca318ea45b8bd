create table m(id int, k int, t text, primary key (id,k)) partition by range (k);
create table m_0 partition of m for values from (0) to (10);
create index m_t on m(t);
