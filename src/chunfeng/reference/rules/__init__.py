"""Where the rule book's files lie: the catalogue of facts, and the rules, targets, exits and policies with their parameters.

A county adds files of its own by giving further folders to `load_book`; it never edits these.
"""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent

FACTS = HERE / "facts.yaml"
"""The catalogue: everything a rule may ask."""

BOOK = (
    HERE / "parameters.yaml",
    HERE / "definitions.yaml",
    HERE / "bases.yaml",
    HERE / "sources.yaml",
    HERE / "recognition",
    HERE / "exits",
    HERE / "targets",
    HERE / "households",
    HERE.parent / "policies",
)
"""Files and folders of the book for persons, households and employers (the rules on posts are another book)."""
