"""Numbers last: through re-runs, monthly lists, decisions of humans and their undoing."""

from datetime import date

import polars as pl
import pytest

from chunfeng.engines.linkage import decisions, numbers
from chunfeng.engines.linkage.claims import all_claims
from chunfeng.engines.linkage.link import link
from tests.engines.linkage.town import claims, extract, id18, townspeople

PEOPLE = townspeople(120)
JANUARY, FEBRUARY = date(2023, 1, 15), date(2023, 2, 15)
STRANGERS = [
    {"name": f"欧阳{c}", "birth": 19800101 + n, "village": "350825100209"} for n, c in enumerate("山水云月星")
]


def run(
    table: pl.DataFrame, known: numbers.Known, on: date, decided: pl.DataFrame | None = None
) -> tuple[pl.DataFrame, numbers.Known]:
    made = decided if decided is not None else pl.DataFrame(schema=decisions.SCHEMA)
    given = decisions.ids_given(made, table, known)
    result = link(table, forbidden=decisions.forbidden_pairs(made, table, numbers.with_ids(known, given)))
    numbered, now = numbers.number(table, result.assigned, known, on, given)
    return decisions.apply(made, table, numbered), now


def by_row(table: pl.DataFrame, numbered: pl.DataFrame) -> dict[tuple[str, str, int], str]:
    joined = table.join(numbered, on="claim")
    return {
        (f, n or "", r): number
        for f, n, r, number in joined.select("file", "name", "row", "number").iter_rows()
    }


def decision(action: str, fingerprint: str, person: str) -> dict[str, str]:
    return {
        "action": action,
        "fingerprint": fingerprint,
        "person": person,
        "by": "张某",
        "on": "2023-01-16",
        "reason": "已电话核实",
    }


def test_a_second_run_gives_the_same_numbers_and_history() -> None:
    table = claims(extract("household_register", PEOPLE), extract("village_survey", STRANGERS))
    first, known = run(table, numbers.nothing_known(), JANUARY)
    second, again = run(table, known, JANUARY)
    assert (
        first.equals(second)
        and known.numbers.equals(again.numbers)
        and known.assignments.equals(again.assignments)
    )


def test_next_months_list_keeps_the_numbers_of_all_who_did_not_change() -> None:
    january = claims(extract("household_register", PEOPLE), extract("village_survey", STRANGERS))
    first, known = run(january, numbers.nothing_known(), JANUARY)
    new = [{"name": "欧阳新", "birth": 19990909, "village": "350825100201"}]
    february = claims(
        extract("household_register", PEOPLE[5:][::-1]), extract("village_survey", [*new, *STRANGERS[::-1]])
    )
    second, later = run(february, known, FEBRUARY)
    before = {(f, n): number for (f, n, _), number in by_row(january, first).items()}
    after = {(f, n, r): number for (f, n, r), number in by_row(february, second).items()}
    survey = [
        (n, number) for (f, n, _), number in after.items() if f == "village_survey.csv" and n != "欧阳新"
    ]
    assert all(before[("village_survey.csv", n)] == number for n, number in survey)
    ids = dict(
        january.join(first, on="claim").filter(pl.col("person") > 0).select("person", "number").iter_rows()
    )
    for person, number in (
        february.join(second, on="claim").filter(pl.col("person") > 0).select("person", "number").iter_rows()
    ):
        assert ids[person] == number
    assert after[("village_survey.csv", "欧阳新", 2)] not in before.values()
    ended = later.assignments.filter(pl.col("valid_to").is_not_null())
    assert ended.height == 5 and set(ended["valid_to"]) == {FEBRUARY}


def test_a_person_known_by_rows_keeps_the_number_when_the_rows_move() -> None:
    january = claims(extract("household_register", PEOPLE), extract("village_survey", STRANGERS))
    first, known = run(january, numbers.nothing_known(), JANUARY)
    moved = claims(
        extract("household_register", PEOPLE), extract("village_survey", STRANGERS, file="改名.csv")
    )
    second, _ = run(moved, known, FEBRUARY)
    old = {n: number for (f, n, _), number in by_row(january, first).items() if n.startswith("欧阳")}
    assert {n: number for (f, n, _), number in by_row(moved, second).items() if n.startswith("欧阳")} == old


def test_ages_that_nobody_corrected_at_new_year_cost_no_number() -> None:
    aged = [
        {"name": f"欧阳{c}", "age": 30 + n, "village": "350825100209", "sex": "2"}
        for n, c in enumerate("山水云月星")
    ]
    lists = [extract("household_register", PEOPLE), extract("village_survey", aged)]
    first, known = run(all_claims(lists, date(2022, 12, 15)), numbers.nothing_known(), date(2022, 12, 15))
    second, _ = run(all_claims(lists, JANUARY), known, JANUARY)
    assert first["number"].to_list() == second["number"].to_list()
    assert first.filter(pl.col("person") < 0).height == 5


def test_a_confirmed_row_is_that_person_and_taking_it_back_restores_exactly() -> None:
    table = claims(extract("household_register", PEOPLE), extract("village_survey", STRANGERS))
    plain, known = run(table, numbers.nothing_known(), JANUARY)
    row = table.filter(pl.col("name") == "欧阳山")["claim"][0]
    mark = numbers.fingerprints(table).filter(pl.col("claim") == row)["fingerprint"][0]
    target = plain["number"][0]
    decided = decisions.check(pl.DataFrame([decision("confirm", mark, target)]))
    merged, _ = run(table, known, JANUARY, decided)
    here = merged.filter(pl.col("claim") == row)
    assert (here["number"][0], here["lane"][0]) == (target, "human")
    assert merged.filter(pl.col("claim") != row).equals(plain.filter(pl.col("claim") != row))
    restored, _ = run(table, known, JANUARY)
    assert restored.equals(plain)


def test_who_is_given_an_id_is_found_by_it_and_taking_it_back_restores_exactly() -> None:
    """Staff saw the identity card of somebody whom lists name without a number; next month a list has the number."""
    seen = {"name": "欧阳山", "id": id18("19800101", 901)}
    lists = [extract("household_register", PEOPLE), extract("village_survey", STRANGERS)]
    first, known = run(claims(*lists), numbers.nothing_known(), JANUARY)
    number = by_row(claims(*lists), first)["village_survey.csv", "欧阳山", 2]

    said = extract(decisions.CORRECTIONS, [{"id": seen["id"]}])
    with_card = claims(*lists, said)
    row = with_card.filter(pl.col("kind") == decisions.CORRECTIONS)["claim"][0]
    mark = numbers.fingerprints(with_card).filter(pl.col("claim") == row)["fingerprint"][0]
    decided = decisions.check(pl.DataFrame([decision("confirm", mark, number)]))
    second, after = run(with_card, known, JANUARY, decided)
    theirs = (f"{decisions.CORRECTIONS}.csv", "", 2)
    assert by_row(with_card, second) == by_row(claims(*lists), first) | {theirs: number}

    later = claims(*lists, said, extract("registered_unemployed", [seen]))
    third, _ = run(later, after, FEBRUARY, decided)
    assert by_row(later, third)["registered_unemployed.csv", "欧阳山", 2] == number

    # somebody else's number is given to nobody
    other = extract(decisions.CORRECTIONS, [{"id": PEOPLE[5]["id"]}])
    wrong = claims(*lists, other)
    taken = numbers.fingerprints(wrong).filter(pl.col("claim") == row)["fingerprint"][0]
    mistaken = decisions.check(pl.DataFrame([decision("confirm", taken, number)]))
    assert decisions.ids_given(mistaken, wrong, known).is_empty()

    restored, now = run(claims(*lists), after, JANUARY)
    assert restored.equals(first)
    assert now.numbers.equals(known.numbers)


@pytest.mark.parametrize("action", ["forbid", "split"])
def test_never_again_together_holds_against_a_verified_number(action: str) -> None:
    table = claims(extract("household_register", PEOPLE))
    plain, known = run(table, numbers.nothing_known(), JANUARY)
    mark, target = numbers.fingerprints(table)["fingerprint"][7], plain["number"][7]
    decided = decisions.check(pl.DataFrame([decision(action, mark, target)]))
    for _ in range(2):
        apart, known = run(table, known, FEBRUARY, decided)
        here = apart.filter(pl.col("claim") == 7)
        assert target not in here["number"].to_list()
        assert (here.height == 1 and here["lane"][0] == "human") if action == "split" else here.height == 0


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([decision("merge", "f", "P1")], "没有这种决定"),
        ([decision("confirm", "f", "P1") | {"reason": ""}], "理由"),
        ([decision("confirm", "f", "P1"), decision("confirm", "f", "P2")], "两个人"),
        ([decision("confirm", "f", "P1"), decision("forbid", "f", "P1")], "既被确认又被禁止"),
    ],
)
def test_a_decision_that_cannot_be_used_says_why(lines: list[dict[str, str]], said: str) -> None:
    with pytest.raises(decisions.DecisionError, match=said):
        decisions.check(pl.DataFrame(lines))
