"""What differs by place on one day: parameter values and the versions in force, as one row per area code that matters.

A county's row is the most specific code any parameter or version names. It is joined to persons by their area, so that one
query serves a whole province in which every city has its own figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from chunfeng.engines.rules.fold import Edge
from chunfeng.engines.rules.records import Book, Rule, Version
from chunfeng.engines.rules.tree import Value


@dataclass(frozen=True, slots=True)
class Places:
    """`codes`: area codes with a row, the root "" first. `edges`: what differs → its value per code; `forces`: for each rule with
    versions that hold in some places only, which of `versions` (1-based, 0 none) per code."""

    codes: tuple[str, ...]
    edges: Mapping[Edge, tuple[Value | None, ...]]
    fixed: Mapping[Edge, Value | None]
    versions: Mapping[str, tuple[Version, ...]]
    forces: Mapping[str, tuple[int, ...]]

    @property
    def differ(self) -> bool:
        """Whether anything depends on the place at all."""
        return bool(self.edges or self.forces)

    def code_of(self, area: str | None) -> str | None:
        """The row a county belongs to; None for an unknown area."""
        if area is None:
            return None
        return max((code for code in self.codes if area.startswith(code)), key=len)


def places(book: Book, rules: Sequence[Rule], edges: Iterable[Edge], as_of: date) -> Places:
    """The places that matter for those rules and edges on that day."""
    edges = list(edges)
    used = {edge.parameter for edge in edges} - {""}
    codes = {""} | {v.area for rule in rules for v in rule.on(as_of)}
    for name in used:
        codes |= {v.area for v in book.parameters[name].values if v.valid_from <= as_of <= v.valid_to}
    ordered = tuple(sorted(codes, key=lambda code: (len(code), code)))
    varying: dict[Edge, tuple[Value | None, ...]] = {}
    fixed: dict[Edge, Value | None] = {}
    for edge in edges:
        if not edge.parameter:
            fixed[edge] = edge.at(None, as_of)
            continue
        # an unknown area knows only what holds everywhere; so does the walker
        everywhere = book.value(edge.parameter, None, as_of)
        row = tuple(edge.at(book.value(edge.parameter, code, as_of), as_of) for code in ordered)
        if len(set(row)) == 1 and edge.at(everywhere, as_of) == row[0]:
            fixed[edge] = row[0]
        else:
            varying[edge] = row
    versions = {rule.rule: tuple(rule.on(as_of)) for rule in rules}
    forces: dict[str, tuple[int, ...]] = {}
    for rule in rules:
        valid = versions[rule.rule]
        if valid and not (len(valid) == 1 and valid[0].area == ""):
            found = (rule.at(code, as_of) for code in ordered)
            forces[rule.rule] = tuple(0 if v is None else 1 + valid.index(v) for v in found)
    return Places(ordered, varying, fixed, versions, forces)
