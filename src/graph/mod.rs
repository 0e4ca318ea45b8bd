//! The revision graph, as a value that knows neither files nor databases.
