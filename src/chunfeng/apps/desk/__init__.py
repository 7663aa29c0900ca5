"""Desk: the workbench of the staff: overview, map, and one person seen whole through the panels of the rooms."""
