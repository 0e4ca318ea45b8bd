//! Properties of random graphs.
