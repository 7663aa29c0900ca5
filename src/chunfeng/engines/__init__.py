"""The engines: tables in, tables out. No framework, database, network or clock; usable as a library."""
