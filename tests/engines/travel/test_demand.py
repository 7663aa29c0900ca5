"""Rows of travel lists as demand: places, days, companions as persons, repeats over several lists."""

from datetime import date
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from chunfeng.engines.travel import demand as demands_of
from chunfeng.engines.travel import notices

AS_OF, HERE = date(2023, 1, 15), "350825"
VILLAGE, TOWN = "350825101205", "350825101"
PEOPLE = [
    ("P1", "王强", "350825198803073110", VILLAGE), ("P2", "李芳", "350825199005124221", VILLAGE), ("P3", "王小宝", None, VILLAGE),
    ("P4", "陈明", None, "350825101207"), ("P5", "陈明", None, "350825101207"), ("P6", "赵丽", None, "350825101207"),
]  # fmt: skip
HOMES = [("h1", "P1", "02", "h1"), ("h1", "P2", "12", "h1"), ("h1", "P3", "20", "h1")]


def listed(*rows: dict[str, Any], file: str = "甲村.csv") -> pl.DataFrame:
    """One list as intake leaves it."""
    filled = [
        {
            "file": file, "sheet": "", "row": n, "kind": "travel_demand", "state": "ok", "place": HERE, "destination": "厦门",
            "departure_wish": "初八", "home_address_region": VILLAGE, **row,
        }
        for n, row in enumerate(rows, start=2)
    ]  # fmt: skip
    keys = list(dict.fromkeys(k for row in filled for k in row))
    fixed: dict[str, Any] = {
        "row": pl.UInt32,
        "party_size": pl.Int64,
        "accepts_charter": pl.Boolean,
        "has_ticket": pl.Boolean,
    }
    return pl.DataFrame(
        [{k: row.get(k) for k in keys} for row in filled],
        schema={k: fixed.get(k, pl.String) for k in keys},
        orient="row",
    )


def read(*lists: pl.DataFrame, who: dict[tuple[str, int], str] | None = None) -> pl.DataFrame:
    links = pl.DataFrame(
        [(file, "", row, person) for (file, row), person in (who or {}).items()],
        schema={"file": pl.String, "sheet": pl.String, "row": pl.UInt32, "person": pl.String}, orient="row",
    )  # fmt: skip
    persons = pl.DataFrame(
        [(p, name, None, id18, region, None) for p, name, id18, region in PEOPLE],
        schema=dict.fromkeys(("person", "name", "other_names", "id18", "hukou_region", "stay_region"), pl.String), orient="row",
    )  # fmt: skip
    homes = pl.DataFrame(
        HOMES, schema=dict.fromkeys(("household", "person", "role", "merged"), pl.String), orient="row"
    )
    return demands_of.demands(lists, links, persons, homes, AS_OF, HERE)


ME = {("甲村.csv", 2): "P1"}


def test_a_row_becomes_place_days_party_and_persons() -> None:
    (row,) = read(listed({"name": "王强", "companions": "李芳、王小宝"}), who=ME).rows(named=True)
    day = date(2023, 1, 29)
    assert (row["destination"], row["earliest"], row["latest"], row["party"]) == ("350200", day, day, 3)
    assert row["companions"] == "P2;P3" and not row["duplicate"]


def test_relations_and_numbers_find_the_same_persons() -> None:
    assert read(listed({"companions": "老婆、儿子"}), who=ME)["companions"].to_list() == ["P2;P3"]
    by_number = listed({"companions": "小芳", "companion_ids": "350825199005124221"})
    assert read(by_number, who={("甲村.csv", 2): "P4"})["companions"].to_list() == ["P2"]


def test_two_of_one_name_in_a_village_are_nobody() -> None:
    neighbour = {("甲村.csv", 2): "P6"}
    rows = read(listed({"companions": "陈明", "home_address_region": "350825101207"}), who=neighbour)
    assert rows.select("companions", "named", "found", "party").rows() == [(None, 1, 0, 2)]
    assert notices.of_demand(rows)["kind"].to_list() == ["travel_companions_unknown"]


def test_nobody_travels_with_himself() -> None:
    assert read(listed({"companions": "王强"}), who=ME)["companions"].to_list() == [None]


def test_the_same_traveller_in_the_lists_of_two_villages() -> None:
    one, two = listed({"name": "王强"}), listed({"name": "王强", "departure_wish": "元宵后"}, file="乙村.csv")
    rows = read(one, two, who={("甲村.csv", 2): "P1", ("乙村.csv", 2): "P1"})
    assert rows.select("file", "duplicate", "differs").rows() == [
        ("乙村.csv", False, False),
        ("甲村.csv", True, True),
    ]
    assert "travel_signups_differ" in notices.of_demand(rows)["kind"].to_list()


def test_unlinked_rows_repeat_by_name_with_number_or_phone_and_not_by_name_alone() -> None:
    rows = read(listed(
        {"name": "周海", "phone": "16000000001"}, {"name": "周海", "phone": "16000000001"},
        {"name": "周海", "phone": "16000000002", "id_number": "1"},
        {"name": "吴兰", "id_number": "350825199001010001"}, {"name": "吴兰", "id_number": "350825199001010001"},
    ))  # fmt: skip
    assert rows["duplicate"].to_list() == [False, True, False, False, True]


def test_linked_persons_of_one_name_and_phone_are_two_travellers() -> None:
    rows = listed({"name": "陈明", "phone": "16000000003"}, {"name": "陈明", "phone": "16000000003"})
    found = read(rows, who={("甲村.csv", 2): "P4", ("甲村.csv", 3): "P5"})
    assert found["duplicate"].to_list() == [False, False]


def test_the_day_of_arrival_cuts_the_window_and_may_contradict_it() -> None:
    rows = read(listed(
        {"departure_wish": "初八以后", "latest_arrival": "2月1日"},
        {"departure_wish": "元宵后", "latest_arrival": "2月1日"}, {"departure_wish": None, "latest_arrival": "2月1日"},
    ))  # fmt: skip
    assert rows.select("earliest", "latest", "late").rows() == [
        (date(2023, 1, 30), date(2023, 2, 1), False), (date(2023, 2, 6), date(2023, 2, 12), True),
        (None, date(2023, 2, 1), False),
    ]  # fmt: skip


def test_where_the_cell_says_no_place_the_firm_may() -> None:
    rows = read(listed(
        {"destination": "厂里", "employer_address": "晋江市陈埭镇岸兜村"},
        {"destination": None, "employer_name": "厦门市某电子有限公司"},
        {"destination": "老地方", "employer_name": "厦门市某电子有限公司"}, {"destination": "原单位", "employer_name": "鞋厂"},
    ))  # fmt: skip
    assert rows["destination"].to_list() == ["350582", "350200", None, None]


def test_no_list_and_a_list_without_most_columns() -> None:
    assert read().height == 0
    bare = pl.DataFrame(
        {"file": ["a.csv"], "sheet": [None], "row": [2], "kind": ["travel_demand"], "state": ["ok"]}
    )
    assert read(bare).select("destination", "party", "duplicate").rows() == [(None, 1, False)]


TEXTS = (
    st.none()
    | st.text(max_size=12)
    | st.sampled_from(["厦门", "初八", "王强", "老婆", "无", "3人", "２０２３", "'=1+1"])
)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(
            dict.fromkeys(
                (
                    "name",
                    "destination",
                    "departure_wish",
                    "companions",
                    "phone",
                    "home_address",
                    "employer_name",
                ),
                TEXTS,
            )
        ),
        max_size=6,
    )
)
def test_any_cells_are_read_and_no_row_is_lost(rows: list[dict[str, str | None]]) -> None:
    made = listed(*rows) if rows else None
    found = read(*([made] if made is not None else []))
    assert found.height == len(rows)
    assert found.columns == [*demands_of.TABLE, *demands_of.MORE]
    assert found["duplicate"].null_count() == 0
    notices.of_demand(found)
