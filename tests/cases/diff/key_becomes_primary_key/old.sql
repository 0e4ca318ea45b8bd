create table inv(id int primary key, code text, constraint inv_code_key unique(code));
