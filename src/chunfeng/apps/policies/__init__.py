"""Policies: which entitlements each person and employer may get, how much, and what is missing."""
