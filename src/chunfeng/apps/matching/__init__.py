"""Matching: vacancies recommended to people with reasons, and public-welfare posts given out by law."""
