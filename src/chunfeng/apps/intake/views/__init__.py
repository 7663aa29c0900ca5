"""Pages of this room: the board, sending, one list, deciding."""
