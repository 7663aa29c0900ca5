"""Public-welfare posts: found where lists show them free, given in the county's order, everyone else told why not."""

from datetime import date

import polars as pl
import pytest

from chunfeng.engines.matching.allocation import public_posts
from chunfeng.engines.matching.allocation.frozen import lottery
from chunfeng.engines.matching.allocation.post_order import (
    SHIPPED,
    OrderError,
    PostOrder,
    class_of,
    read_order,
)
from chunfeng.engines.matching.allocation.public_places import PLACES, free_places
from chunfeng.engines.matching.allocation.public_posts import Posts, Terms, give, queue

AS_OF = date(2023, 1, 15)
COUNTY = "350322"


def order() -> PostOrder:
    return read_order(SHIPPED.read_text(encoding="utf-8"), COUNTY, AS_OF)


def people(*rows: tuple[str, dict[str, object]]) -> pl.DataFrame:
    """The queue of invented persons: each with what differs from an entitled jobless person of category A3."""
    plain: dict[str, object] = {
        "answer": "yes", "missing": None, "category": "A3", "area": COUNTY, "held_earlier_public_post": False,
        "public_post": False, "disability_grade": None, "home": f"{COUNTY}104201", "kind": None,
    }  # fmt: skip
    whole = pl.DataFrame(
        [{"person": p, **plain, **differs} for p, differs in rows],
        schema={
            "person": pl.String, "answer": pl.String, "missing": pl.String, "category": pl.String, "area": pl.String,
            "held_earlier_public_post": pl.Boolean, "public_post": pl.Boolean, "disability_grade": pl.Int64, "home": pl.String,
            "kind": pl.String,
        },
    )  # fmt: skip
    return queue(
        whole.select("person", "answer", "missing"), whole.select("person", "category").drop_nulls(),
        whole.select("person", "area", "held_earlier_public_post", "public_post", "disability_grade"),
        whole.select("person", "home"), whole.select("person", "kind"), order(), Terms(2, 3, "甲文", "乙文"),
    )  # fmt: skip


def places(*rows: tuple[str, str, int]) -> pl.DataFrame:
    full = [(post, "保洁员", "某村委会", COUNTY, region, number, "offered") for post, region, number in rows]
    return pl.DataFrame(full, schema=PLACES, orient="row")


def given(waiting: pl.DataFrame, free: pl.DataFrame, **more: object) -> Posts:
    return give(waiting, free, order(), lottery(waiting["person"], "种子"), "种子", **more)  # type: ignore[arg-type]


def test_the_first_class_comes_first_even_from_farther_away() -> None:
    waiting = people(("近", {}), ("远", {"category": "A1", "home": f"{COUNTY}105201"}))
    found = given(waiting, places(("f:s:1", f"{COUNTY}104201", 1)))
    assert found.allocation.select("person", "tier").rows() == [("远", 1)]
    assert "第1类：大龄" in found.allocation["reason"][0] and "在本县" in found.allocation["reason"][0]
    left = found.waiting.row(0, named=True)
    assert (
        left["person"] == "近" and "本人为第2类" in left["reason"] and "“某村委会 保洁员”" in left["reason"]
    )


def test_within_a_class_the_nearer_home_and_then_the_lottery() -> None:
    waiting = people(*((n, {}) for n in "甲乙丙"), ("村", {"home": f"{COUNTY}105201"}))
    found = given(waiting, places(("f:s:1", f"{COUNTY}105201", 2)))
    drawn = lottery(waiting["person"], "种子").filter(pl.col("person") != "村")["person"]
    assert set(found.allocation["person"]) == {"村", drawn[0]}
    assert found.flow.proved and found.stable.envy == 0


@pytest.mark.parametrize(
    ("differs", "words"),
    [
        ({"answer": "unknown", "missing": "已认定就业困难人员"}, "须先查明：已认定就业困难人员"),
        ({"public_post": True}, "不得同时占两个岗位"),
        ({"held_earlier_public_post": True}, "不属于可再次安置的人员（甲文）"),
        ({"held_earlier_public_post": True, "category": "A1"}, "推荐过3次岗位仍未就业"),
        ({"held_earlier_public_post": True, "disability_grade": 2}, "推荐过3次岗位仍未就业"),
        ({"area": "3503", "home": None}, "不知属于哪个县"),
        ({"kind": "out"}, "走访意向为外出务工"),
    ],
)
def test_nobody_is_given_a_post_who_must_be_looked_at_first(differs: dict[str, object], words: str) -> None:
    found = given(people(("某人", differs)), places(("f:s:1", COUNTY, 5)))
    assert found.allocation.height == 0
    assert words in found.waiting["reason"][0]


def test_where_one_placement_is_the_most_nobody_comes_again() -> None:
    frame = pl.DataFrame(
        {"person": ["某"], "answer": ["yes"], "missing": [None]}, schema_overrides={"missing": pl.String}
    )
    facts = pl.DataFrame(
        {
            "person": ["某"],
            "area": ["350505"],
            "held_earlier_public_post": [True],
            "public_post": [False],
            "disability_grade": [1],
        }
    )
    none = pl.DataFrame(schema={"person": pl.String, "kind": pl.String})
    homes = pl.DataFrame({"person": ["某"], "home": ["350505100001"]})
    waiting = queue(
        frame,
        pl.DataFrame({"person": ["某"], "category": ["A1"]}),
        facts,
        homes,
        none,
        order(),
        Terms(1, 3, "泉州指南", ""),
    )
    assert waiting["held_back"][0] == "已安置过一次，期满不再安置（泉州指南）"


def test_no_places_nobody_and_other_counties_are_plain_answers() -> None:
    nothing = pl.DataFrame(schema=PLACES)
    assert given(people(("甲", {})), nothing).waiting["reason"].to_list() == ["本批没有空出的公益性岗位"]
    elsewhere = places(("f:s:1", "350505", 1)).with_columns(county=pl.lit("350505"))
    assert given(people(("甲", {})), elsewhere).waiting["reason"].to_list() == ["本县没有空出的公益性岗位"]
    nobody = given(people(), places(("f:s:1", COUNTY, 1)))
    assert nobody.allocation.height == nobody.waiting.height == 0
    empty = given(people(("甲", {})), places(("f:s:1", COUNTY, 0)))
    assert empty.waiting["reason"].to_list() == ["可报的1个岗位都没有名额"]


def test_quotas_and_the_hash() -> None:
    waiting = people(("甲", {}), ("乙", {}))
    free = places(("f:s:1", COUNTY, 2), ("f:s:2", COUNTY, 2))
    group = pl.DataFrame({"group": ["一个县"], "members": [["f:s:1", "f:s:2"]], "least": [3], "most": [3]})
    found = given(waiting, free, quotas=group)
    assert found.allocation.height == 2 and "下限3人" in public_posts.relax(found)[0]
    assert (
        found.digest
        == given(waiting.reverse(), free.reverse(), quotas=group).digest
        != given(waiting, free).digest
    )


def test_persons_in_several_classes_come_with_the_first_and_unknown_ones_last() -> None:
    said = pl.DataFrame({"person": ["甲", "甲", "乙"], "category": ["B3", "A7", "Z9"]})
    assert class_of(said, order()).select("person", "tier").sort("person").rows() == [("乙", 2), ("甲", 1)]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("nothing", "读不懂"), ("orders: []", "没有适用"), ("orders: [{area: '35', from: x, classes: []}]", "日期"),
        ("orders: [{area: '35', from: 2020-01-01, classes: [{tier: 1}]}]", "tier"),
        ("orders: [{area: '35', from: 2020-01-01, classes: [{tier: 1, name: a, categories: [A1, A1]}]}]", "只能写一次"),
        (": : :", "读不懂"),
    ],
)  # fmt: skip
def test_an_order_that_cannot_be_used_says_why(text: str, word: str) -> None:
    with pytest.raises(OrderError, match=word):
        read_order(text, COUNTY, AS_OF)


def test_the_nearest_area_and_the_newest_order_hold() -> None:
    entry = "{{area: '{}', from: {}, document: {}, classes: [{{tier: 1, name: n, categories: [A1]}}]}}"
    said = [
        ("35", "2010-01-01", "省"),
        ("3503", "2010-01-01", "市"),
        ("3503", "2020-01-01", "新"),
        ("3503", "2024-01-01", "后"),
    ]
    text = "orders:\n" + "".join(f"  - {entry.format(*e)}\n" for e in said)
    assert read_order(text, COUNTY, AS_OF).document == "新"
    assert read_order(text, "350505", AS_OF).document == "省"


def _list(kind: str, rows: list[dict[str, object]], sheet: str = "表") -> pl.DataFrame:
    frame = pl.DataFrame(rows, infer_schema_length=None).with_row_index("row", offset=2)
    fixed = {"kind": kind, "file": f"{kind}.xlsx", "sheet": sheet, "state": "ok", "place": COUNTY}
    return frame.with_columns(
        *(pl.lit(v).alias(k) for k, v in fixed.items() if k not in frame.columns),
        pl.lit(True).alias("current"),
    ).with_columns(pl.col("row").cast(pl.UInt32))


def _free(
    extracts: list[pl.DataFrame],
    lawful: str = "yes",
    finding: str = "ok",
    holds: dict[int, bool] | None = None,
) -> pl.DataFrame:
    at = pl.concat([e.select("file", "sheet", "row", "kind") for e in extracts])
    posts = at.filter(pl.col("kind") == "vacancies").select(
        "file", "sheet", "row", pl.lit(lawful).alias("lawful")
    )
    ledger = at.filter(pl.col("kind") == "public_welfare_posts").select(
        "file", "sheet", "row", pl.lit(finding).alias("finding")
    )
    held = ledger.select(
        "file",
        "sheet",
        "row",
        pl.col("row").replace_strict(holds or {}, default=None, return_dtype=pl.Boolean).alias("holds"),
    )
    return free_places(extracts, posts, ledger, held, COUNTY, AS_OF)


def test_posts_offered_as_public_welfare_posts_and_no_others() -> None:
    offered = _list("vacancies", [
        {"post_name": "公益性岗位保洁员", "headcount": 3, "hired": 1, "valid_until": date(2023, 3, 1)},
        {"post_name": "保洁员", "headcount": 3, "hired": 0, "valid_until": date(2023, 3, 1)},
        {"post_name": "护林员（公岗）", "headcount": 2, "hired": 0, "valid_until": date(2023, 1, 1)},
        {"post_name": "协管员（非公益性岗位）", "headcount": 2, "hired": 0, "valid_until": None},
        {"post_name": "公益岗助残员", "headcount": None, "hired": None, "valid_until": None},
    ])  # fmt: skip
    found = _free([offered])
    assert found.select("post", "places").rows() == [("vacancies.xlsx:表:2", 2), ("vacancies.xlsx:表:6", 1)]
    assert _free([offered], lawful="review").height == 0
    assert _free([_list("vacancies", [{"post_name": "保洁员", "headcount": 4}], "公益性岗位招聘")])[
        "places"
    ].to_list() == [4]


def _holder(**more: object) -> dict[str, object]:
    plain: dict[str, object] = {
        "name": "某某", "id_number": "x", "post_name": "护林员", "employer_name": "枫亭镇人民政府", "post_state": "在岗",
        "started_on": date(2021, 1, 1), "contract_until": date(2023, 12, 31), "left_on": None,
    }  # fmt: skip
    return plain | more


def test_places_the_ledger_shows_free() -> None:
    gone = {"post_state": "期满离岗", "contract_until": date(2022, 12, 31)}
    ledger = _list("public_welfare_posts", [
        _holder(), _holder(**gone), _holder(name=None, id_number=None, post_state="空岗"),
        _holder(post_state="离岗", contract_until=date(2020, 3, 31)),
    ])  # fmt: skip
    holds = {2: True, 3: False, 4: False, 5: False}
    found = _free([ledger], holds=holds)
    assert found.select(pl.col("post").str.extract(r"(\d+)$"), "free").rows() == [
        ("3", "left"),
        ("4", "empty"),
    ]
    assert found["region"].str.starts_with(COUNTY).all()
    followed = _list("public_welfare_posts", [_holder(started_on=date(2023, 1, 1)), _holder(**gone)])
    assert _free([followed], holds={2: True, 3: False}).height == 0
    dead = _free([_list("public_welfare_posts", [_holder()])], finding="同时两个岗位;已死亡", holds={2: True})
    assert dead["free"].to_list() == ["must_end"]
    assert _free([_list("public_welfare_posts", [_holder()])], holds={}).height == 0
    at = {"file": pl.String, "sheet": pl.String, "row": pl.UInt32}
    said = [
        pl.DataFrame(schema={**at, c: t})
        for c, t in (("lawful", pl.String), ("finding", pl.String), ("holds", pl.Boolean))
    ]
    assert free_places([], *said, None, AS_OF).height == 0
