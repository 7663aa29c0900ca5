"""What kinds of list and target groups are called."""

from __future__ import annotations

from chunfeng.engines.sheets.kinds import Kind
from chunfeng.pipeline import book
from chunfeng.ui.language import english as in_english


def kind_name(kind: Kind) -> str:
    """The name of a kind of list in the reader's language."""
    return kind.english if in_english() else kind.name


def target_groups() -> list[tuple[str, str]]:
    """(code, code and name) of the target groups the rules can tell, in the reader's language."""
    rules = [rule for rule in book.load().rules.values() if rule.kind == "target"]
    return sorted((r.rule, f"{r.rule} {(in_english() and r.english) or r.name}") for r in rules)
