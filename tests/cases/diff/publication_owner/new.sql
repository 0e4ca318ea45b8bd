create publication p;
alter publication p owner to gm_writer;
