"""Travel: what people ask for, as days, places and persons, and the chartered trips that take them back to work."""
