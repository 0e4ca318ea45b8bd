create function w(int) returns bigint language internal window immutable strict as 'window_row_number';
