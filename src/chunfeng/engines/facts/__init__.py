"""Facts: what the linked rows of all lists say of a person, household or employer, three-valued, each with its source."""
