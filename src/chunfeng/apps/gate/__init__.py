"""Gate: what one may do, and what each page demands of its reader, declared on the view itself."""
