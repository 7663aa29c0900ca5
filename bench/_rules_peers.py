"""The same twelve categories in OpenFisca-core and zen-engine, three-valued where the peer can be made to.

OpenFisca has no unknown; here 0 is no, 1 unknown, 2 yes, the default is 1, and every formula keeps to minimum and maximum.
zen-engine is asked row by row with a decision table; a missing value matches no cell, so its unknowns are lost.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from bench._rules_case import AS_OF, DATES, PARAMETERS, RULES, SHARES
from chunfeng.engines.rules.days import latest_for

NO, UNKNOWN, YES = 0, 1, 2
MISSING = -1_000_000
EPOCH = AS_OF.fromisoformat("1970-01-01")
PERIOD = AS_OF.isoformat()


def arrays(path: Path) -> dict[str, np.ndarray]:
    """The facts as numbers: three-valued flags, days since 1970, sexes and hukou as flags of one value, group numbers."""
    frame = pl.read_parquet(path)
    found: dict[str, np.ndarray] = {}
    for name in SHARES:
        found[name] = (frame[name].cast(pl.Int8) * 2).fill_null(UNKNOWN).to_numpy()
    for name in DATES:
        found[name] = frame[name].to_physical().fill_null(MISSING).to_numpy()
    for name, value in (("sex", "male"), ("hukou", "urban")):
        found[name] = ((frame[name] == value).cast(pl.Int8) * 2).fill_null(UNKNOWN).to_numpy()
    found["land_left"] = frame["land_left"].fill_null(MISSING).to_numpy()
    found["city"] = frame["area"].str.slice(2, 2).cast(pl.Int16).to_numpy()
    household = frame["household"].cast(pl.Int64)
    alone = household.is_null()
    found["household_known"] = (~alone).cast(pl.Int8).to_numpy()
    numbers = household.fill_null(0) + (alone.cast(pl.Int64).cum_sum() + 100_000_000) * alone.cast(pl.Int64)
    found["household"] = numbers.rank("dense").cast(pl.Int64).to_numpy() - 1
    return found


def openfisca(path: str) -> pl.DataFrame:
    """All twelve for everybody; answers as columns of int8."""
    from openfisca_core import entities, periods, variables
    from openfisca_core.simulations import SimulationBuilder
    from openfisca_core.taxbenefitsystems import TaxBenefitSystem

    given = arrays(Path(path))
    person_entity = entities.build_entity("person", "persons", "", is_person=True)
    household_entity = entities.build_entity(
        "household", "households", "", roles=[{"key": "member", "plural": "members"}]
    )
    system = TaxBenefitSystem([person_entity, household_entity])

    def declare(name: str, formula: Any = None, entity: Any = person_entity, default: int = UNKNOWN) -> None:
        body = {
            "value_type": int,
            "entity": entity,
            "definition_period": periods.DateUnit.ETERNITY,
            "default_value": default,
        }
        body |= {"label": name, "formula": formula} if formula else {"label": name}
        system.add_variable(type(name, (variables.Variable,), body))

    def flag(test: np.ndarray) -> np.ndarray:
        return test.astype(np.int32) * 2

    def three(person: Any, fact: str, test: Any) -> np.ndarray:
        value = person(fact, PERIOD)
        return np.where(value == MISSING, UNKNOWN, flag(test(value)))

    def every(*parts: np.ndarray) -> np.ndarray:
        return np.minimum.reduce(parts)

    def one(*parts: np.ndarray) -> np.ndarray:
        return np.maximum.reduce(parts)

    def cut(unit: str, number: int) -> int:
        return (latest_for(unit, number, AS_OF) - EPOCH).days

    def parameter(person: Any, name: str, unit: str) -> Any:
        values = dict(PARAMETERS[name])
        whole = cut(unit, values["35"]) if unit else values["35"]
        if len(values) == 1:
            return whole
        here = person("city", PERIOD)
        for area, value in values.items():
            if len(area) == 4:
                whole = np.where(here == int(area[2:]), cut(unit, value) if unit else value, whole)
        return whole

    def at_least(person: Any, fact: str, unit: str, name: str) -> np.ndarray:
        line = parameter(person, name, unit)
        return three(person, fact, lambda value: value <= line)

    def below(person: Any, fact: str, unit: str, name: str) -> np.ndarray:
        return 2 - at_least(person, fact, unit, name)

    def by_sex(person: Any, test: Any, male: str, female: str) -> np.ndarray:
        man = person("sex", PERIOD)
        return one(
            every(man, test(person, "birth_date", "age", male)),
            every(2 - man, test(person, "birth_date", "age", female)),
        )

    def working_age(person: Any, period: Any) -> np.ndarray:
        grown = three(person, "birth_date", lambda value: value <= cut("age", 16))
        return every(grown, by_sex(person, below, "male_retires", "female_retires"))

    def together(*names: str) -> Any:
        """AND of variables; `-name` is its opposite."""

        def formula(person: Any, period: Any) -> np.ndarray:
            return every(*(2 - person(n[1:], PERIOD) if n[0] == "-" else person(n, PERIOD) for n in names))

        return formula

    def out_of_work(person: Any, period: Any) -> np.ndarray:
        return one(
            2 - person("working_age", PERIOD), person("student", PERIOD), 2 - person("employed", PERIOD)
        )

    def all_out(household: Any, period: Any) -> np.ndarray:
        return household.min(household.members("out_of_work", PERIOD))

    def a7(person: Any, period: Any) -> np.ndarray:
        home = person.household("all_out", PERIOD)
        known = np.where(person("household_known", PERIOD) == 1, home, np.minimum(home, UNKNOWN))
        return every(person("gate_a", PERIOD), person("hukou", PERIOD), known)

    def with_test(test: Any, *names: str) -> Any:
        head = together(*names)
        return lambda person, period: every(head(person, period), test(person))

    def graduated(person: Any) -> np.ndarray:
        first, last = cut("months", 25), cut("months", 6)
        return three(person, "graduated_on", lambda value: (value <= last) & (value > first))

    for name in (*SHARES, *DATES, "sex", "hukou", "land_left"):
        declare(name)
    declare("city", default=0)
    declare("household_known", default=0)
    formulas = {
        "working_age": working_age,
        "jobless": together("registered", "-employed"),
        "gate_a": together("in_province", "working_age", "able", "wish", "jobless"),
        "gate_b": together(
            "in_province", "working_age", "able", "transfer", "seeking", "-employed", "-hukou"
        ),
        "out_of_work": out_of_work,
        "A1": with_test(lambda p: by_sex(p, at_least, "older_male", "older_female"), "gate_a", "hukou"),
        "A2": together("gate_a", "hukou", "disability"),
        "A3": together("gate_a", "hukou", "allowance"),
        "A4": with_test(lambda p: at_least(p, "since", "months", "long_months"), "gate_a", "hukou"),
        "A5": with_test(
            lambda p: at_least(p, "since", "months", "long_months"), "gate_a", "-hukou", "insured_ever"
        ),
        "A6": with_test(
            lambda p: three(p, "land_left", lambda value: value < parameter(p, "land_line", "")),
            "gate_a",
            "planning_area",
        ),
        "A7": a7,
        "B1": with_test(
            lambda p: by_sex(p, at_least, "rural_male", "rural_female"), "gate_b", "family_certificate"
        ),
        "B2": together("gate_b", "disability"),
        "B3": together("gate_b", "allowance"),
        "C1": together("in_province", "working_age", "able", "poverty_exit", "real_name", "-student"),
        "D1": with_test(graduated, "gate_a", "graduate"),
    }
    for name, formula in formulas.items():
        declare(name, _plain(formula))
    declare("all_out", _plain(all_out), household_entity)
    rows = len(given["sex"])
    builder = SimulationBuilder()
    builder.create_entities(system)
    builder.declare_person_entity("person", np.arange(rows))
    homes = builder.declare_entity("household", np.arange(int(given["household"].max()) + 1))
    builder.join_with_persons(homes, given["household"], roles=np.full(rows, "member"))
    simulation = builder.build(system)
    for name in (*SHARES, *DATES, "sex", "hukou", "land_left", "city", "household_known"):
        simulation.set_input(name, PERIOD, given.pop(name))
    return pl.DataFrame({name: simulation.calculate(name, PERIOD).astype(np.int8) for name in RULES})


def _plain(formula: Any) -> Any:
    """OpenFisca wants functions of a class, not closures bound elsewhere."""

    def run(entity: Any, period: Any) -> Any:
        return formula(entity, period)

    return run


def decision_table() -> str:
    """The twelve as one zen decision table, hit policy collect; ages, months and the household are given as facts."""
    urban, rural = {"hukou": '"urban"'}, {"hukou": '"rural"'}
    a = dict.fromkeys(("in_province", "working_age", "able", "wish", "registered"), "true") | {
        "employed": "false"
    }
    b = (
        dict.fromkeys(("in_province", "working_age", "able", "transfer", "seeking"), "true")
        | {"employed": "false"}
        | rural
    )
    yes = {n: {n: "true"} for n in (*SHARES, "all_out")}

    def aged(male: int, female: int) -> list[dict[str, str]]:
        return [{"sex": '"male"', "age": f">= {male}"}, {"sex": '"female"', "age": f">= {female}"}]

    long = {"months": ">= 12"}
    table: list[tuple[str, dict[str, str]]] = [
        *(("A1", a | urban | who) for who in aged(50, 40)),
        ("A2", a | urban | yes["disability"]), ("A3", a | urban | yes["allowance"]), ("A4", a | urban | long),
        ("A5", a | rural | long | yes["insured_ever"]), ("A6", a | yes["planning_area"] | {"land_left": "< 300"}),
        ("A7", a | urban | yes["all_out"]), *(("B1", b | yes["family_certificate"] | who) for who in aged(40, 30)),
        ("B2", b | yes["disability"]), ("B3", b | yes["allowance"]),
        ("C1", dict.fromkeys(("in_province", "working_age", "able", "poverty_exit", "real_name"), "true") | {"student": "false"}),
        ("D1", a | yes["graduate"] | {"graduated_months": "[6..24]"}),
    ]  # fmt: skip
    fields = sorted({name for _, cells in table for name in cells})
    rows = [
        {"_id": str(i)} | {f: cells.get(f, "") for f in fields} | {"out": f'"{rule}"'}
        for i, (rule, cells) in enumerate(table)
    ]
    content = {
        "hitPolicy": "collect",
        "inputs": [{"id": f, "name": f, "field": f} for f in fields],
        "outputs": [{"id": "out", "name": "rule", "field": "rule"}],
        "rules": rows,
    }
    nodes = [
        {"id": "in", "name": "in", "type": "inputNode", "position": {"x": 0, "y": 0}},
        {
            "id": "table",
            "name": "table",
            "type": "decisionTableNode",
            "content": content,
            "position": {"x": 1, "y": 0},
        },
        {"id": "out", "name": "out", "type": "outputNode", "position": {"x": 2, "y": 0}},
    ]
    edges = [
        {"id": "1", "type": "edge", "sourceId": "in", "targetId": "table"},
        {"id": "2", "type": "edge", "sourceId": "table", "targetId": "out"},
    ]
    return json.dumps({"nodes": nodes, "edges": edges})


def zen_rows(path: Path, rows: int, all_out: list[Any]) -> list[dict[str, Any]]:
    """The first rows as zen is given them; what it cannot count itself is counted before the clock starts."""
    from chunfeng.engines.rules.days import age, whole_months

    found = []
    for row, home in zip(
        pl.scan_parquet(path).head(rows).collect().iter_rows(named=True), all_out, strict=True
    ):
        years = age(row["birth_date"], AS_OF) if row["birth_date"] else None
        limit = {"male": 60, "female": 55}.get(row["sex"] or "")
        working = None if years is None or limit is None else 16 <= years < limit
        months = {"months": "since", "graduated_months": "graduated_on"}
        counted = {n: whole_months(row[f], AS_OF) if row[f] else None for n, f in months.items()}
        plain = {n: v for n, v in row.items() if n not in DATES}
        found.append(plain | counted | {"age": years, "working_age": working, "all_out": home})
    return found
