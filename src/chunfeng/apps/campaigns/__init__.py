"""Campaigns: one edition each, as configuration: name, theme, window, partners, indicators, targets, deadlines."""
