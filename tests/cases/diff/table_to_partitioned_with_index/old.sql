create table m(id int primary key, k int, t text);
create index m_t on m(t);
