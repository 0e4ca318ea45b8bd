create domain d as int[] check (cardinality(value) < 5);
