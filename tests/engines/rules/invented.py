"""Invented catalogues, books and facts for properties: small worlds in which every kind of test meets its edge days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from random import Random
from typing import Any

import polars as pl
from hypothesis import strategies as st

from chunfeng.engines.rules.catalogue import Catalogue, Fact
from chunfeng.engines.rules.days import FIRST, LAST, add_months
from chunfeng.engines.rules.parameters import Parameter, ParameterValue
from chunfeng.engines.rules.records import Book, Case, Rule, Version
from chunfeng.engines.rules.tree import (
    Among,
    And,
    AsOf,
    Between,
    Compare,
    Constant,
    Holds,
    Members,
    Named,
    Node,
    Not,
    Or,
    nodes,
)
from chunfeng.engines.rules.tree import Parameter as Given

AREAS = [None, "350102", "350203", "350825", "350826", "361181", "35"]
DAYS = [
    date(2023, 1, 15),
    date(2023, 2, 28),
    date(2024, 2, 29),
    date(2023, 3, 30),
    date(2023, 3, 31),
    date(2022, 12, 31),
]
NUMBERS = [-1, 0, 1, 2, 3, 6, 12, 40, 50]


def fact(name: str, kind: str, entity: str, values: dict[str, str] | None = None) -> Fact:
    """A fact whose Chinese name is made of its English one."""
    return Fact(
        name,
        f"事实{name}",
        name,
        entity,
        kind,
        values or {},
        "",
        "open",
        ("list",),
        None,
        "",
        f"{name}的证明",
        "",
    )


def catalogue() -> Catalogue:
    """Every type for persons, some for households and employers."""
    colours = {"red": "红", "green": "绿", "blue": "蓝"}
    found = [fact(n, "yes_no", "person") for n in ("works", "listed", "insured")]
    found += [fact(n, "date", "person") for n in ("born", "since", "until")]
    found += [fact("number", "integer", "person"), fact("share", "decimal", "person")]
    found += [fact("colour", "code", "person", colours)]
    found += [fact("declared", "yes_no", "household"), fact("declared_on", "date", "household")]
    found += [
        fact("open_shop", "yes_no", "employer"),
        fact("staff", "integer", "employer"),
        fact("opened", "date", "employer"),
    ]
    return Catalogue({f.fact: f for f in found})


CATALOGUE = catalogue()
IDLE = Members("all", Not(Holds("works")))


@cache
def edge_days(as_of: date) -> list[date]:
    """Days near the edges of every test the strategies make."""
    months = [n * k for n in NUMBERS for k in (1, 12)]
    around = {add_months(as_of, -m) for m in months} | {as_of - timedelta(days=n) for n in NUMBERS}
    return sorted(
        {day + timedelta(days=by) for day in around for by in (-3, -1, 0, 1, 3)}
        | {date(2020, 2, 29), date(1972, 2, 29)}
    )


def choices(kind: str, as_of: date) -> Sequence[Any]:
    """Known values of a type."""
    return {
        "yes_no": [True, False],
        "date": edge_days(as_of),
        "integer": NUMBERS,
        "decimal": [Decimal("0.3"), Decimal("0.2999"), Decimal(1), Decimal("-2.5")],
        "code": ["red", "green", "blue"],
    }[kind]


@cache
def values(kind: str, as_of: date) -> st.SearchStrategy[Any]:
    """The same to be drawn one by one; by number, since the listing of a hundred days in every name of a strategy is slow."""
    found = choices(kind, as_of)
    return st.integers(0, len(found) - 1).map(found.__getitem__)


def facts(entity: str, as_of: date, chance: Random) -> dict[str, Any]:
    """All facts of one row, a quarter of them unknown."""
    kinds = {f.fact: f.type for f in CATALOGUE.of(entity).values()}
    return {
        name: chance.choice(choices(kind, as_of)) if chance.random() > 0.25 else None
        for name, kind in kinds.items()
    }


OPS = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
PARAMETERS = {"integer": ["everywhere", "by_place"], "decimal": ["portion"], "date": ["deadline"]}


@cache
def tests_of(entity: str, as_of: date) -> st.SearchStrategy[Node]:
    """One test of one fact."""

    def operand(kind: str) -> st.SearchStrategy[Any]:
        literal = values(kind, as_of).map(Constant)
        given_ = st.sampled_from(PARAMETERS.get(kind, [])).map(Given) if kind in PARAMETERS else literal
        return st.one_of(literal, given_, st.just(AsOf())) if kind == "date" else st.one_of(literal, given_)

    def of(f: Fact) -> st.SearchStrategy[Node]:
        if f.type == "yes_no":
            return st.just(Holds(f.fact))
        if f.type == "code":
            some = st.lists(values("code", as_of), min_size=1, max_size=2, unique=True).map(tuple)
            same = st.builds(
                Compare, st.just(f.fact), st.just("value"), st.sampled_from(["=", "!="]), operand("code")
            )
            return st.one_of(same, st.builds(Among, st.just(f.fact), some, st.booleans()))
        plain: list[st.SearchStrategy[Node]] = [
            st.builds(Compare, st.just(f.fact), st.just("value"), OPS, operand(f.type)),
            st.builds(Between, st.just(f.fact), st.just("value"), operand(f.type), operand(f.type)),
        ]
        if f.type == "date":
            units = st.sampled_from(["age", "months", "days"])
            plain.append(st.builds(Compare, st.just(f.fact), units, OPS, operand("integer")))
            plain.append(st.builds(Between, st.just(f.fact), units, operand("integer"), operand("integer")))
        return st.one_of(plain)

    return st.one_of([of(f) for f in CATALOGUE.of(entity).values()])


@cache
def trees(entity: str, as_of: date, named: tuple[str, ...], households: bool) -> st.SearchStrategy[Node]:
    """A condition of the entity; `named`: names it may use; `households`: with functions over household members."""
    local = st.one_of([tests_of(entity, as_of), *([st.sampled_from(named).map(Named)] if named else [])])
    leaves = local
    if households:
        person = _joined(tests_of("person", as_of), 3)
        some = st.builds(Members, st.sampled_from(["any", "all"]), person)
        counted = st.builds(
            Members,
            st.just("count"),
            person,
            OPS,
            st.sampled_from([Constant(0), Constant(1), Constant(2), Given("by_place")]),
        )
        leaves = st.one_of(local, some, counted)
    return _joined(leaves, 6)


def _joined(leaves: st.SearchStrategy[Node], most: int) -> st.SearchStrategy[Node]:
    def grow(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
        parts = st.lists(inner, min_size=2, max_size=3, unique=True).map(tuple)
        return st.one_of(inner.map(Not), parts.map(And), parts.map(Or))

    return st.recursive(leaves, grow, max_leaves=most)


@st.composite
def parameters(draw: st.DrawFn, as_of: date) -> dict[str, Parameter]:
    """One value everywhere, one that differs by place and is not known in one county, two more by place."""

    def value(kind: str, area: str, known: bool = True) -> ParameterValue:
        found = draw(values(kind, as_of)) if known else None
        return ParameterValue(found, area, FIRST, LAST, None)

    def parameter(name: str, kind: str, *scoped: ParameterValue) -> Parameter:
        return Parameter(name, f"参数{name}", name, kind, "", scoped)

    county = value("integer", "350825", draw(st.booleans()))
    return {
        "everywhere": parameter("everywhere", "integer", value("integer", "")),
        "by_place": parameter(
            "by_place", "integer", value("integer", "35"), value("integer", "3502"), county
        ),
        "portion": parameter("portion", "decimal", value("decimal", ""), value("decimal", "350203")),
        "deadline": parameter("deadline", "date", value("date", "35"), value("date", "36")),
    }


@st.composite
def books(draw: st.DrawFn, as_of: date, entity: str = "person") -> Book:
    """Definitions on definitions, rules on rules, versions by place, household functions."""
    rules: dict[str, Rule] = {}

    def add(name: str, kind: str, households: bool, areas: Sequence[str]) -> None:
        usable = tuple(rules)
        versions = tuple(
            Version(
                name, f"{name}-{area}", date(2000, 1, 1), LAST, area, None, "", "",
                draw(trees(entity, as_of, usable, households)),
            )
            for area in areas
        )  # fmt: skip
        bound = any(
            isinstance(n, Members) or (isinstance(n, Named) and rules[n.name].household)
            for v in versions
            for n in nodes(v.when)
        )
        gate = kind == "definition" and draw(st.booleans())
        rules[name] = Rule(name, kind, f"名称{name}", name, entity, versions, gate=gate, household=bound)

    add("first", "definition", False, [""])
    add("second", "definition", entity != "employer" and draw(st.booleans()), [""])
    add("third", "definition", False, draw(st.sampled_from([["35"], ["", "3508"], []])))
    for name in ("R1", "R2", "R3"):
        areas = draw(st.sampled_from([[""], ["35"], ["35", "3502"], ["", "350825"], ["3501", "36"], []]))
        add(name, "recognition", entity != "employer" and draw(st.booleans()), areas)
    return Book(CATALOGUE, draw(parameters(as_of)), rules, {}, "")


def town(as_of: date, seed: int, size: int = 40) -> pl.DataFrame:
    """A facts table of persons; some live together, some households and places are unknown. Seeded: drawing it cell by cell
    would cost more than all it is used for."""
    chance = Random(seed)
    homes = [None, *(f"h{i}" for i in range(size // 3))]
    table = [
        {
            "person": f"p{i}",
            "household": chance.choice(homes),
            "area": chance.choice(AREAS),
            **facts("person", as_of, chance),
        }
        for i in range(size)
    ]
    return pl.DataFrame(table, schema=CATALOGUE.schema("person"))


def cases(table: pl.DataFrame) -> dict[str, Case]:
    """The same persons one by one, each with the others of the household."""
    names = [f.fact for f in CATALOGUE.of("person").values()]
    alone = {
        row["person"]: Case({n: row[n] for n in names}, row["area"], key=row["person"])
        for row in table.iter_rows(named=True)
    }
    homes = dict(table.select("person", "household").iter_rows())
    found = {}
    for person, case in alone.items():
        home = homes[person]
        others = [alone[p] for p, h in homes.items() if h == home and p != person]
        found[person] = Case(case.facts, case.area, None if home is None else tuple(others), key=person)
    return found


def one_book(as_of: date) -> Book:
    """A book that has something of everything, always the same."""
    older = Compare("born", "age", ">=", Given("by_place"))
    trees = {
        "first": Holds("listed"),
        "second": And((Named("first"), Compare("since", "months", ">=", Constant(6)))),
        "third": Among("colour", ("red", "green")),
        "R1": And((Named("second"), Or((older, Compare("share", "value", "<", Given("portion")))))),
        "R2": And((Named("third"), IDLE)),
        "R3": Or(
            (
                Members("count", Holds("insured"), ">=", Constant(2)),
                Between("until", "value", AsOf(), Given("deadline")),
            )
        ),
    }
    rules = {}
    for name, tree in trees.items():
        areas = ["35", "3502"] if name == "R1" else [""]
        versions = tuple(
            Version(name, f"{name}-{area}", date(2000, 1, 1), LAST, area, None, "", "", tree)
            for area in areas
        )
        kind = "recognition" if name.startswith("R") else "definition"
        rules[name] = Rule(name, kind, name, name, "person", versions, household=name in ("R2", "R3"))

    def value(found: Any, area: str) -> ParameterValue:
        return ParameterValue(found, area, FIRST, LAST, None)

    scoped = {
        "by_place": ("integer", (value(50, "35"), value(40, "3502"))),
        "portion": ("decimal", (value(Decimal("0.3"), ""),)),
        "deadline": ("date", (value(as_of + timedelta(days=40), "35"),)),
    }
    given = {name: Parameter(name, name, name, kind, "", found) for name, (kind, found) in scoped.items()}
    return Book(CATALOGUE, given, rules, {}, "")
