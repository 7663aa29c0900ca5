"""Who lives with whom, list by list, and the merged view."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from chunfeng.engines.linkage.households import LARGEST, SCHEMA, households, too_large
from tests.engines.linkage.lists import linked, sheet

REGISTER, ALLOWANCE, SURVEY, POVERTY = (
    "household_register",
    "minimum_living_allowance",
    "village_survey",
    "poverty_exit",
)
VILLAGE, OTHER = "350825101209", "350825101210"


def found(*sheets: pl.DataFrame) -> pl.DataFrame:
    extracts, claims, assigned = linked(*sheets)
    return households(claims, assigned, extracts)


def members(*sheets: pl.DataFrame, column: str = "household") -> dict[str, set[int]]:
    table = found(*sheets).group_by(column).agg(pl.col("person").unique())
    return {key: set(people) for key, people in table.iter_rows()}


def book(number: str, *people: int, **more: Any) -> list[dict[str, Any]]:
    roles = ["02", "10", *["20"] * len(people)]
    return [
        {"name": f"陈{abs(p)}", "who": p, "household_number": number, "relation_to_head": roles[i], **more}
        for i, p in enumerate(people)
    ]


def under(head: str, *people: tuple[int, str, str], **more: Any) -> list[dict[str, Any]]:
    return [
        {
            "name": n,
            "who": p,
            "relation_to_head": r,
            "household_head_name": head,
            "village_code": VILLAGE,
            **more,
        }
        for p, n, r in people
    ]


# --- what is a household -------------------------------------------------------------------------


def test_the_book_number_makes_the_household_with_roles_and_places() -> None:
    table = found(sheet(REGISTER, book("350825000001", -1, -2) + book("350825000002", -3)))
    assert table.select("household", "person", "role", "source", "row").rows() == [
        ("register:350825000001", -1, "02", "register", 2),
        ("register:350825000001", -2, "10", "register", 3),
        ("register:350825000002", -3, "02", "register", 4),
    ]
    assert list(table.columns) == ["household", "person", *SCHEMA]


def test_a_book_that_goes_over_two_files_is_one_household() -> None:
    first = sheet(REGISTER, book("350825000001", -1, -2), file="甲.csv")
    second = sheet(REGISTER, book("350825000001", -3), file="乙.csv")
    assert members(first, second) == {"register:350825000001": {-1, -2, -3}}


def test_a_running_number_begins_again_in_every_village_and_sheet() -> None:
    here = sheet(
        SURVEY, book("1", -1, -2, village_code=VILLAGE) + book("1", -3, village_code=OTHER), name="甲"
    )
    nowhere = sheet(SURVEY, book("1", -4), name="乙")
    assert members(here, nowhere) == {
        f"survey:{VILLAGE}:1": {-1, -2},
        f"survey:{OTHER}:1": {-3},
        "survey:village_survey.csv#乙:1": {-4},
    }


def test_a_number_that_says_nothing_is_no_number() -> None:
    for number in ("无", "/", "3.50825E+11"):
        rows = book(number, -1, household_head_name="陈1") + book(number, -2, household_head_name="陈2")
        assert sorted(map(sorted, members(sheet(REGISTER, rows)).values())) == [[-2], [-1]]


def test_rows_under_one_head_are_a_household_even_where_the_head_has_no_row() -> None:
    rows = under("张伟", (-1, "张伟", "02"), (-2, "林华", "10")) + under(
        "蓝军", (-3, "吴秀", "10"), (-4, "蓝琴", "30")
    )
    assert members(sheet(SURVEY, rows)) == {
        f"survey:{VILLAGE}:张伟": {-1, -2},
        f"survey:{VILLAGE}:蓝军": {-3, -4},
    }


def test_two_heads_of_one_name_are_told_apart_by_number_by_row_and_by_place() -> None:
    family = (-1, "张伟", "02"), (-2, "林华", "10")
    second = (-3, "张伟", "02"), (-4, "吴秀", "10")
    expected = {f"survey:{VILLAGE}:张伟": {-1, -2}, f"survey:{VILLAGE}:张伟:2": {-3, -4}}
    assert members(sheet(SURVEY, under("张伟", *family, *second))) == expected
    numbered = under("张伟", (-2, "林华", "10"), household_head_id_key=11) + under(
        "张伟", (-4, "吴秀", "10"), household_head_id_key=12
    )
    assert members(sheet(SURVEY, numbered)) == {
        f"survey:{VILLAGE}:张伟": {-2},
        f"survey:{VILLAGE}:张伟:2": {-4},
    }
    apart = under("张伟", *family) + under("李明", (-5, "李明", "02")) + under("张伟", *second)
    assert members(sheet(SURVEY, apart)) == expected | {f"survey:{VILLAGE}:李明": {-5}}


def test_a_spouse_marked_as_head_beside_the_named_head_stays_in_the_household() -> None:
    rows = under("张伟", (-1, "张伟", "02"), (-2, "林华", "02"), (-3, "张小", "20"))
    assert members(sheet(SURVEY, rows)) == {f"survey:{VILLAGE}:张伟": {-1, -2, -3}}


def test_a_block_without_a_named_head_is_read_from_its_first_row() -> None:
    rows = [
        {"name": n, "who": p, "relation_to_head": r, "household_row": b, "village_code": VILLAGE}
        for p, n, r, b in [(-1, "张伟", "02", 2), (-2, "林华", "10", 2), (-3, "李明", "02", 4)]
    ]
    extracts, claims, assigned = linked(sheet(ALLOWANCE, rows))
    for more in (extracts, []):
        table = households(claims, assigned, more).group_by("household").agg(pl.col("person").sort())
        assert dict(table.rows()) == {
            f"allowance:{VILLAGE}:张伟": [-2, -1],
            f"allowance:{VILLAGE}:李明": [-3],
        }


def test_a_household_of_a_list_that_has_no_source_of_its_own_is_kept_as_list() -> None:
    rows = under("张伟", (-1, "张伟", "02"), (-2, "林华", "10"))
    assert set(found(sheet("land_expropriation", rows))["source"]) == {"list"}


# --- bounds and months ---------------------------------------------------------------------------


def test_more_than_thirty_persons_are_no_household_and_are_reported() -> None:
    fits, crowd = range(-LARGEST, 0), range(-200, -200 + LARGEST + 1)
    extracts, claims, assigned = linked(
        sheet(REGISTER, book("350825000001", *fits) + book("350825000002", *crowd))
    )
    assert households(claims, assigned, extracts)["household"].unique().to_list() == ["register:350825000001"]
    assert too_large(claims, assigned, extracts).rows() == [
        ("register:350825000002", "register", LARGEST + 1, "household_register.csv", "", LARGEST + 2)
    ]


def test_unlinked_rows_count_for_size_but_are_nobodys_household() -> None:
    rows = book("350825000001", -1) + [
        {"name": f"林{c}", "household_number": "350825000001"}
        for c in "一二三四五六七八九十甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉"
    ]
    extracts, claims, assigned = linked(sheet(REGISTER, rows))
    assert too_large(claims, assigned, extracts)["persons"].to_list() == [31]
    fewer = linked(sheet(REGISTER, rows[:5]))
    assert households(fewer[1], fewer[2], fewer[0])["person"].to_list() == [-1]


def test_an_earlier_month_counts_only_for_households_no_current_list_knows() -> None:
    old = sheet(
        POVERTY,
        book("35350825000001", -1, -2, -3) + book("35350825000002", -4),
        name="11月",
        current=False,
        period=date(2022, 11, 1),
    )
    new = sheet(POVERTY, book("35350825000001", -1, -2), name="12月", period=date(2022, 12, 1))
    table = found(old, new)
    assert table.select("household", "person", "current").rows() == [
        ("poverty:35350825000001", -1, True),
        ("poverty:35350825000001", -2, True),
        ("poverty:35350825000002", -4, False),
    ]


# --- merged --------------------------------------------------------------------------------------


def test_a_group_joins_the_register_household_of_more_than_half_its_members() -> None:
    register = sheet(REGISTER, book("350825000001", -1, -2) + book("350825000002", -3, -4))
    most = sheet(ALLOWANCE, under("陈1", (-1, "陈1", "02"), (-2, "陈2", "10"), (-3, "陈3", "20")))
    assert members(register, most, column="merged")["register:350825000001"] == {-1, -2, -3}
    half = sheet(ALLOWANCE, under("陈1", (-1, "陈1", "02"), (-3, "陈3", "10")))
    table = found(register, half)
    assert set(table.filter(pl.col("source") == "allowance")["merged"]) == {f"allowance:{VILLAGE}:陈1"}
    assert (
        table.filter(pl.col("source") == "register")["merged"]
        == table.filter(pl.col("source") == "register")["household"]
    ).all()


def test_without_a_register_the_better_list_gathers_the_others() -> None:
    poverty = sheet(POVERTY, book("35350825000001", -1, -2))
    survey = sheet(SURVEY, under("陈1", (-1, "陈1", "02"), (-2, "陈2", "10"), (-3, "陈3", "20")))
    assert members(poverty, survey, column="merged") == {"poverty:35350825000001": {-1, -2, -3}}


def test_attached_members_draw_no_further_group_in() -> None:
    register = sheet(REGISTER, book("350825000001", -1, -2))
    allowance = sheet(ALLOWANCE, under("陈1", (-1, "陈1", "02"), (-2, "陈2", "10"), (-3, "陈3", "20")))
    survey = sheet(SURVEY, under("陈3", (-3, "陈3", "02")))
    merged = members(register, allowance, survey, column="merged")
    assert merged == {"register:350825000001": {-1, -2, -3}, f"survey:{VILLAGE}:陈3": {-3}}


# --- whole tables --------------------------------------------------------------------------------


def test_nothing_in_gives_an_empty_table_of_the_same_columns() -> None:
    extracts, claims, assigned = linked(sheet(REGISTER, book("350825000001", -1)))
    full = households(claims, assigned, extracts)
    empty = households(claims.clear(), assigned.clear())
    assert empty.is_empty() and empty.schema == full.schema


ROWS = st.lists(
    st.tuples(
        st.sampled_from([REGISTER, ALLOWANCE, SURVEY, POVERTY]),
        st.integers(-12, -1),
        st.sampled_from([None, "1", "350825000001", "350825000002"]),
        st.sampled_from([None, "张伟", "李明"]),
        st.sampled_from([None, "02", "10", "20"]),
        st.booleans(),
    ),
    min_size=1,
    max_size=24,
)


def lists_of(rows: list[tuple[Any, ...]]) -> list[pl.DataFrame]:
    parts: list[pl.DataFrame] = []
    for kind in (REGISTER, ALLOWANCE, SURVEY, POVERTY):
        for current in (True, False):
            own = [
                {"name": "张伟" if p % 2 else "李明", "who": p, "row": i + 2, "household_number": n,
                 "household_head_name": h, "relation_to_head": r, "village_code": VILLAGE}
                for i, (k, p, n, h, r, c) in enumerate(rows) if k == kind and c == current
            ]  # fmt: skip
            if own:
                parts.append(sheet(kind, own, name=str(current), current=current))
    return parts


@settings(max_examples=40, deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_order_changes_nothing_rows_stand_in_one_household_and_merging_is_one_step(
    rows: list[tuple[Any, ...]], chance: Any
) -> None:
    extracts, claims, assigned = linked(*lists_of(rows))
    table = households(claims, assigned, extracts)
    chance.shuffle(extracts)
    seed = chance.randrange(1000)
    again = households(
        claims.sample(fraction=1, shuffle=True, seed=seed),
        assigned.sample(fraction=1, shuffle=True, seed=seed + 1),
        extracts,
    )
    assert table.equals(again)
    places = table.select("file", "sheet", "row")
    assert places.is_unique().all()
    kinds = table.select("household", "source").unique()
    assert kinds["household"].is_unique().all()
    founders = table.select("household", "merged").unique()
    assert founders["household"].is_unique().all()
    # what others attach to is attached to nothing itself
    above = founders.filter(pl.col("household").is_in(founders["merged"].implode()))
    assert (above["household"] == above["merged"]).all()
