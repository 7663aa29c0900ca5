"""The market: which vacancies fit which person and why, exactly and for all at once; what is shown to whom, and how fairly."""
