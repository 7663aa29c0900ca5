"""Vault: keeps personal data unreadable at rest, and still findable by exact value."""
