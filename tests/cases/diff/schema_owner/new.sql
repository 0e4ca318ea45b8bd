create schema app authorization gm_writer;
