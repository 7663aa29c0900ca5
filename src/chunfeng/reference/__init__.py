"""What the state publishes, as dated data files with their source: regions, codes, wages, calendars, ages."""
