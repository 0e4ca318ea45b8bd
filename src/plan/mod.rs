//! The steps to take, and whether history agrees with the files. Pure.
