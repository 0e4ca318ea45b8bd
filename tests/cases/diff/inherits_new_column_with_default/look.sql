select * from people; select * from firms
