create table t (during tstzrange, exclude using gist (during with &&));
