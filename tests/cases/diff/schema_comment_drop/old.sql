create schema app;
comment on schema app is 'gone';
comment on schema public is 'mine';
