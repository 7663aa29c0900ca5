"""Places: regions, reporting paths and organisations, and the two walls that keep each office to its own."""
