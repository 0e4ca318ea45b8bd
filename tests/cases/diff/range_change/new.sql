create type r as range (subtype = float8, subtype_diff = float8mi);
