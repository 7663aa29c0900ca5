"""Accounts: users, roles, hats, delegation, and what each page demands of its reader."""
