"""Lending: never more than there is, first tiers first, no batch below the least, each row that stays out told why."""

from datetime import date
from itertools import product

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chunfeng.engines.matching.allocation import lending
from chunfeng.engines.matching.allocation.cooperation import AGREED, SENDING, TAKING, cooperate
from chunfeng.engines.matching.allocation.lending import DEMAND, SUPPLY, Terms, lend
from chunfeng.engines.matching.allocation.lending_lists import weekly

AS_OF = date(2023, 1, 15)
TOWN = "350322104"
Row = tuple[object, ...]


def supply(*rows: Row) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=SUPPLY, orient="row")


def demand(*rows: Row) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=DEMAND, orient="row")


def lender(name: str, workers: int, work: str | None = "车工", **more: object) -> Row:
    plain = {
        "industry": "鞋",
        "region": TOWN,
        "from": date(2023, 1, 16),
        "to": date(2023, 3, 1),
        "willing": True,
    } | more
    return (
        name,
        work,
        plain["industry"],
        plain["region"],
        workers,
        plain["from"],
        plain["to"],
        plain["willing"],
    )


def borrower(name: str, workers: int, tier: int = 3, work: str | None = "车工", **more: object) -> Row:
    plain = {"industry": "鞋", "region": TOWN, "from": None, "to": None} | more
    return (name, work, plain["industry"], plain["region"], workers, plain["from"], plain["to"], tier)


def test_chains_and_suppliers_are_served_first() -> None:
    got = lend(
        supply(lender("余", 10)), demand(borrower("普通", 8), borrower("链上", 8, 1)), AS_OF, Terms(batch=2)
    )
    assert got.lent.select("borrower", "workers").rows() == [("链上", 8), ("普通", 2)]
    assert got.lent.select("from", "to").row(0) == (date(2023, 1, 16), date(2023, 3, 1))
    assert got.unmet.select("employer", "workers").rows() == [("普通", 6)]
    assert got.proved and got.tiers.rows() == [(1, 8, 8, 8), (3, 8, 2, 2)]


def test_a_batch_below_the_least_goes_elsewhere_or_stays() -> None:
    many = lend(
        supply(lender("甲", 5), lender("乙", 5)),
        demand(borrower("丙", 6), borrower("丁", 4)),
        AS_OF,
        Terms(batch=4),
    )
    assert min(many.lent["workers"]) >= 4
    assert many.tiers.rows() == [(3, 10, 10, 9)]
    own = lend(supply(lender("甲", 2)), demand(borrower("丙", 6)), AS_OF, Terms(batch=4))
    assert own.lent["workers"].to_list() == [2]


@pytest.mark.parametrize(
    ("has", "wants"),
    [
        (lender("甲", 5, willing=False), borrower("丙", 5)),
        (lender("甲", 5), borrower("甲", 5)),
        (lender("甲", 5, to=date(2023, 1, 18)), borrower("丙", 5)),
        (lender("甲", 5), borrower("丙", 5, **{"from": date(2023, 2, 27)})),
        (lender("甲", 5, region="350322"), borrower("丙", 5, region="350781")),
        (lender("甲", 5, "会计"), borrower("丙", 5, work="电焊工")),
        (lender("甲", 5, None, industry="食品"), borrower("丙", 5)),
    ],
)
def test_what_does_not_fit_is_not_lent_and_both_sides_hear_why(has: Row, wants: Row) -> None:
    got = lend(supply(has), demand(wants), AS_OF)
    assert got.lent.height == 0
    assert got.unmet["side"].to_list() == ["lends", "borrows"]
    assert got.unmet["reason"].str.contains("没有合适的").all()


def test_notes_say_what_must_be_settled() -> None:
    asked = lend(
        supply(lender("甲", 5, None, willing=None, to=None)), demand(borrower("丙", 5)), AS_OF
    ).lent.row(0, named=True)
    for words in ("先征得借出企业同意", "工种未填", "止期未填"):
        assert words in asked["note"]
    assert asked["to"] is None
    taught = lend(supply(lender("甲", 5, "会计")), demand(borrower("丙", 5, work="普工")), AS_OF).lent
    assert "上岗前培训" in taught["note"][0]


def test_the_nearer_and_the_willing_lender_goes_first() -> None:
    near = lend(supply(lender("远", 5, region="350305"), lender("近", 5)), demand(borrower("丙", 5)), AS_OF)
    assert near.lent["lender"].to_list() == ["近"]
    sure = lend(supply(lender("未定", 5, willing=None), lender("愿意", 5)), demand(borrower("丙", 5)), AS_OF)
    assert sure.lent["lender"].to_list() == ["愿意"]


def test_a_cell_with_several_trades_fits_each_of_them() -> None:
    got = lend(
        supply(lender("甲", 5, "木工、油漆工（熟练）")), demand(borrower("丙", 5, work="油漆工")), AS_OF
    )
    assert got.lent["workers"].to_list() == [5] and got.lent["note"].to_list() == [""]
    twice = lend(supply(lender("甲", 5, "木工 油漆工")), demand(borrower("丙", 9, work="油漆工/木工")), AS_OF)
    assert twice.lent["workers"].to_list() == [5]


def test_nobody_to_lend_and_nobody_who_wants_are_plain_answers() -> None:
    assert lend(supply(), demand(), AS_OF).lent.height == 0
    assert lend(supply(lender("甲", 5)), demand(), AS_OF).unmet["employer"].to_list() == ["甲"]
    assert lend(supply(), demand(borrower("丙", 5)), AS_OF).unmet["workers"].to_list() == [5]


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.integers(1, 5), min_size=1, max_size=2),
    st.lists(st.tuples(st.integers(1, 5), st.integers(1, 2)), min_size=1, max_size=2),
    st.integers(1, 3),
)
def test_as_many_as_trying_everything_finds(have: list[int], need: list[tuple[int, int]], batch: int) -> None:
    got = lend(
        supply(*(lender(f"s{i}", n) for i, n in enumerate(have))),
        demand(*(borrower(f"d{i}", n, t) for i, (n, t) in enumerate(need))), AS_OF, Terms(batch=batch),
    )  # fmt: skip
    lanes = [(s, d) for s in range(len(have)) for d in range(len(need))]
    least = [min(batch, have[s], need[d][0]) for s, d in lanes]
    best = (0, 0)
    for amounts in product(*(range(min(have[s], need[d][0]) + 1) for s, d in lanes)):
        if any(0 < a < low for a, low in zip(amounts, least, strict=True)):
            continue
        sent = [sum(a for a, (s, _) in zip(amounts, lanes, strict=True) if s == i) for i in range(len(have))]
        come = [sum(a for a, (_, d) in zip(amounts, lanes, strict=True) if d == j) for j in range(len(need))]
        if all(x <= y for x, y in zip(sent, have, strict=True)) and all(
            x <= y for x, (y, _) in zip(come, need, strict=True)
        ):
            best = max(
                best,
                tuple(sum(c for c, (_, t) in zip(come, need, strict=True) if t == tier) for tier in (1, 2)),
            )  # type: ignore[assignment]
    reached = tuple(got.lent.filter(pl.col("tier") == t)["workers"].sum() for t in (1, 2))
    assert reached == best
    low = {(f"s{s}", f"d{d}"): n for (s, d), n in zip(lanes, least, strict=True)}
    assert all(n >= low[a, b] for a, b, n in got.lent.select("lender", "borrower", "workers").iter_rows())


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=4),
    st.lists(st.tuples(st.integers(1, 9), st.integers(1, 2)), min_size=1, max_size=4),
    st.integers(2, 4),
)
def test_of_many_lanes_what_is_mended_is_still_a_plan(
    have: list[int], need: list[tuple[int, int]], batch: int
) -> None:
    rows = (
        supply(*(lender(f"s{i}", n) for i, n in enumerate(have))),
        demand(*(borrower(f"d{i}", n, t) for i, (n, t) in enumerate(need))),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lending, "FEW", 2)
        got = lend(*rows, AS_OF, Terms(batch=batch))
    sent = dict(got.lent.group_by("lender").agg(pl.col("workers").sum()).iter_rows())
    come = dict(got.lent.group_by("borrower").agg(pl.col("workers").sum()).iter_rows())
    assert all(n <= have[int(firm[1:])] for firm, n in sent.items())
    assert all(n <= need[int(firm[1:])][0] for firm, n in come.items())
    for s, d, n in got.lent.select("lender", "borrower", "workers").iter_rows():
        assert n >= min(batch, have[int(s[1:])], need[int(d[1:])][0])
    assert got.proved <= (got.tiers["served"].sum() == got.tiers["most"].sum() or len(have) * len(need) <= 2)
    left = dict(got.unmet.select("employer", "workers").iter_rows())
    assert sum(left.values()) == sum(have) + sum(n for n, _ in need) - 2 * got.lent["workers"].sum()


def _weeks(rows: list[dict[str, object]]) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    types = {"shortage": pl.Int64, "surplus": pl.Int64, "surplus_from": pl.Date, "surplus_to": pl.Date}
    texts = (
        "employer_name",
        "week",
        "shortage_occupation",
        "surplus_occupation",
        "willing_to_share",
        "surplus_period",
        "surplus__raw",
    )
    frame = pl.DataFrame(rows, schema={**dict.fromkeys(texts, pl.String), **types}).with_row_index(
        "row", offset=2
    )
    extract = frame.with_columns(
        pl.lit("labour_shortage").alias("kind"), pl.lit("周报.xlsx").alias("file"), pl.lit("").alias("sheet"),
        pl.lit("ok").alias("state"),
        pl.lit(TOWN).alias("place"), pl.col("row").cast(pl.UInt32),
    )  # fmt: skip
    firms = extract.select("file", "sheet", "row", pl.col("employer_name").alias("employer"))
    marks = pl.DataFrame(
        {"employer": ["链厂", "失信厂"], "key_employer": [True, False], "key_category": ["supply_chain", None],
         "blacklisted": [False, True], "industry": ["鞋", None], "region": [None, None]},
        schema_overrides={"region": pl.String},
    )  # fmt: skip
    return weekly([extract], firms, marks, AS_OF)


def test_the_newest_week_counts_and_what_stays_out_is_told() -> None:
    has, wants, out = _weeks([
        {"employer_name": "甲厂", "week": "2023.1.5周", "surplus": 15, "willing_to_share": "是"},
        {"employer_name": "甲厂", "week": "2023.1.12周", "surplus": 4, "willing_to_share": "看情况",
         "surplus_period": "2023.1.16至2023.2.20"},
        {"employer_name": "乙厂", "week": "2023.1.12周", "surplus": 3, "willing_to_share": "不愿意"},
        {"employer_name": "丙厂", "week": "2022-11-02", "surplus": 3, "willing_to_share": "是"},
        {"employer_name": "丁劳务派遣公司", "week": "2023.1.12周", "surplus": 9, "willing_to_share": "是"},
        {"employer_name": "戊厂", "week": "2023.1.12周", "surplus": 9, "willing_to_share": "愿意", "surplus_to": date(2023, 1, 10)},
        {"employer_name": "己厂", "week": "2023.1.12周", "surplus__raw": "若干"},
        {"employer_name": "庚厂", "week": "2023.1.12周", "surplus__raw": "－"},
        {"employer_name": "链厂", "week": "2023.1.12周", "shortage": 6, "shortage_occupation": "车工"},
        {"employer_name": "失信厂", "week": "2023.1.12周", "shortage": 6, "shortage_occupation": "车工"},
    ])  # fmt: skip
    assert has.select("employer", "workers", "from", "to", "willing").rows() == [
        ("甲厂", 4, date(2023, 1, 16), date(2023, 2, 20), None)
    ]
    assert wants.select("employer", "tier", "industry", "region").rows() == [("链厂", 1, "鞋", TOWN)]
    why = dict(out.select("employer", "reason").iter_rows())
    assert set(why) == {"乙厂", "丙厂", "丁劳务派遣公司", "戊厂", "己厂", "失信厂"}
    for firm, words in (
        ("乙厂", "不愿意"),
        ("丙厂", "最近一期周报是2022-11-02"),
        ("戊厂", "结束"),
        ("己厂", "“若干”"),
        ("失信厂", "失信"),
    ):
        assert words in why[firm]


def _frames(
    sends: dict[str, int], takes: dict[str, tuple[int, int]], agreed: list[Row]
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    return (
        pl.DataFrame(list(sends.items()), schema=SENDING, orient="row"),
        pl.DataFrame([(d, *x) for d, x in takes.items()], schema=TAKING, orient="row"),
        pl.DataFrame(agreed, schema=AGREED, orient="row"),
    )


def test_cooperation_keeps_agreements_then_order_then_distance() -> None:
    got = cooperate(*_frames(
        {"甲县": 10, "乙县": 10}, {"厦门": (8, 1), "泉州": (20, 2)},
        [("甲县", "厦门", None, None, 300), ("乙县", "厦门", 2, 5, 100),
         ("甲县", "泉州", 3, None, 200), ("乙县", "泉州", None, 4, 200)],
    ))  # fmt: skip
    flows = {(o, d): n for o, d, n in got.flows.select("origin", "destination", "people").iter_rows()}
    assert flows == {("甲县", "厦门"): 3, ("乙县", "厦门"): 5, ("甲县", "泉州"): 7, ("乙县", "泉州"): 4}
    assert got.unsent.rows() == [("乙县", 1), ("甲县", 0)] and got.flows["short"].sum() == 0


def test_an_agreement_that_cannot_be_kept_says_what_to_relax() -> None:
    got = cooperate(
        *_frames(
            {"甲县": 3}, {"厦门": (2, 1)}, [("甲县", "厦门", 5, None, None), ("丙县", "厦门", 1, None, None)]
        )
    )
    reasons = dict(got.flows.select("origin", "reason").iter_rows())
    assert got.flows.filter(pl.col("origin") == "甲县")["people"].item() == 2
    assert "只有3人" in reasons["甲县"] and "只有0人" in reasons["丙县"]
    none = cooperate(*_frames({}, {}, []))
    assert none.flows.height == none.unsent.height == 0
    for bad in ([("甲县", "厦门", 5, 1, None)], [("甲县", "厦门", 1, 1, None)] * 2):
        with pytest.raises(ValueError, match=r"下限|两次"):
            cooperate(*_frames({"甲县": 3}, {"厦门": (2, 1)}, bad))
