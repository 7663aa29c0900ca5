"""Travel: rides asked for, and the chartered trips that carry people."""
