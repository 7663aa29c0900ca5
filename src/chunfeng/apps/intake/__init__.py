"""Intake: files as departments sent them, what was read from them, and the runs that turn them into a registry."""
