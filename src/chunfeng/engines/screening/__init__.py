"""Screening of job posts for what the law forbids, and of the ledger of public-welfare posts."""
