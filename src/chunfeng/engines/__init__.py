"""The engines: tables in, tables out. No framework, no database, no network, no clock; usable as a library."""
