"""Registry: persons, households, their rows and sources; doubtful pairs, merge, split and undo."""
