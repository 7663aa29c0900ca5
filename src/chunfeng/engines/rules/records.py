"""The book as data: rules, definitions and parameters with their versions, examples and legal sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from chunfeng.engines.rules.catalogue import Catalogue
from chunfeng.engines.rules.parameters import Parameter, Source, in_force
from chunfeng.engines.rules.tree import And, Named, Node, Value

KINDS = ("recognition", "target", "exit", "household", "policy")


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One person, household or employer as known: facts not named are unknown.

    `members`: of a person, the other persons of the household, None when the household is not known; of a household, its
    persons. `key`: who it is, as shown in explanations.
    """

    facts: Mapping[str, Value | None]
    area: str | None = None
    members: tuple[Case, ...] | None = None
    entity: str = "person"
    key: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """A case with the answer it must get on that day; `answer` True yes, False no, None unknown."""

    answer: bool | None
    as_of: date
    because: str
    case: Case
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Version:
    """One wording, in force from `valid_from` to `valid_to` (both included) in `area` and all places below it.

    `extra`: whatever else the file says of it (amount, materials, window …), as plain data.
    """

    rule: str
    version: str
    valid_from: date
    valid_to: date
    area: str
    source: Source | None
    reading: str
    text: str
    when: Node
    extra: Mapping[str, Any] = field(default_factory=dict, compare=False)
    file: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, repr=False)
class Rule:
    """A rule, or a definition (kind `definition`). `gate`: its conditions count one by one where it is used.

    `household`: it looks at household members, itself or through another name.
    """

    rule: str
    kind: str
    name: str
    english: str
    entity: str
    versions: tuple[Version, ...]
    examples: tuple[Example, ...] = ()
    gate: bool = False
    household: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict, compare=False)
    file: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)

    def at(self, area: str | None, day: date) -> Version | None:
        """The version in force there and then; None if none, or if the area is unknown and several may be meant."""
        return in_force(self.versions, area, day)

    def on(self, day: date) -> list[Version]:
        """All versions in force somewhere on the day, the widest area first."""
        valid = [v for v in self.versions if v.valid_from <= day <= v.valid_to]
        return sorted(valid, key=lambda v: (len(v.area), v.area))


@dataclass(frozen=True, slots=True)
class Page:
    """Where a document was read: key, title, address, grade A (official) to C."""

    key: str
    title: str
    address: str
    grade: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Book:
    """All rules and definitions by name, each after what it refers to. `fingerprint`: of the files it was read from."""

    catalogue: Catalogue
    parameters: Mapping[str, Parameter]
    rules: Mapping[str, Rule]
    pages: Mapping[str, Page]
    fingerprint: str

    def of(self, kind: str = "", entity: str = "") -> list[Rule]:
        """Rules (no definitions) of that kind and entity; blank: any."""
        return [
            r for r in self.rules.values()
            if r.kind != "definition" and kind in ("", r.kind) and entity in ("", r.entity)
        ]  # fmt: skip

    def definitions(self) -> list[Rule]:
        """The definitions."""
        return [r for r in self.rules.values() if r.kind == "definition"]

    def value(self, parameter: str, area: str | None, day: date) -> Any:
        """A parameter's value there and then; None if unknown. Raises KeyError for no parameter of the book."""
        found = self.parameters[parameter].at(area, day)
        return None if found is None else found.value

    def change_days(self) -> list[date]:
        """Days on which a version or a parameter value begins, or has just ended, in order."""
        from chunfeng.engines.rules.days import FIRST, LAST, reached_on

        scoped = [v for r in self.rules.values() for v in r.versions]
        days = {s.valid_from for s in scoped} | {reached_on("days", s.valid_to, 1) for s in scoped}
        for parameter in self.parameters.values():
            days |= {v.valid_from for v in parameter.values}
            days |= {reached_on("days", v.valid_to, 1) for v in parameter.values}
        return sorted(days - {FIRST, LAST})

    def conditions(self, version: Version, day: date | None = None) -> list[Node]:
        """What the version asks, one by one, in order: the parts of its top AND, those of gates in place of the gate.

        A definition that is no gate, a bracket of OR, or a single test counts as one condition. `day` chooses the wording
        of the gates; the version's first day if not given.
        """
        return self._split(version.when, version.valid_from if day is None else day)

    def _split(self, node: Node, day: date) -> list[Node]:
        if isinstance(node, And):
            return list(dict.fromkeys(c for part in node.parts for c in self._split(part, day)))
        if isinstance(node, Named) and self.rules[node.name].gate:
            at = self.rules[node.name].at("", day)
            if at is not None:
                return self._split(at.when, day)
        return [node]
