create type k as range (subtype = float8);
