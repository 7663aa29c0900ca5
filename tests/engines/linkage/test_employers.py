"""Rows find their employer: by code, by organisation code, by name, by short name; of two that are called alike, none."""

from collections.abc import Sequence
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chunfeng.engines.identity import credit_codes
from chunfeng.engines.linkage import employers


def code(number: int, kind: str = "91", region: str = "350825") -> str:
    """A valid credit code of an invented employer."""
    eight = f"{number:08d}"
    seventeen = f"{kind}{region}{eight}{credit_codes.org_check_char(eight)}"
    return seventeen + credit_codes.check_char(seventeen)


XIANGFA, HUAYU, OTHER_HUAYU = code(11), code(12), code(13)


def extract(
    kind: str,
    rows: Sequence[tuple[str | None, str | None]],
    field: str = "employer_name",
    place: str = "350825",
) -> pl.DataFrame:
    """Rows (name, code as written) as the reader would have typed them."""
    readings = [credit_codes.read(written) for _, written in rows]
    return pl.DataFrame(
        {
            "file": [f"{kind}-{place}.csv"] * len(rows), "sheet": [""] * len(rows), "row": list(range(2, len(rows) + 2)),
            "kind": [kind] * len(rows), "state": ["ok"] * len(rows), "place": [place] * len(rows),
            field: [name for name, _ in rows],
            "credit_code": [r.code if r else None for r in readings],
            "credit_code_kind": [r.kind if r else None for r in readings],
            "credit_code_org": [r.org_code if r else None for r in readings],
        },
        schema_overrides={"row": pl.UInt32, field: pl.String, "credit_code": pl.String, "credit_code_org": pl.String},
    )  # fmt: skip


KEY_EMPLOYERS = extract(
    "key_employers",
    [
        ("龙岩连城祥发建筑工程有限公司", XIANGFA),
        ("龙岩连城华宇食品有限公司", HUAYU),
        ("连城县华宇食品有限公司", OTHER_HUAYU),
        ("连城县山达家政服务部", code(14, "92")),
        ("连城县联美鞋业有限公司", code(15)),
        ("三明金辉物流有限公司", code(16, region="350400")),
    ],
)


def found(
    name: str | None, written: str | None = None, kind: str = "labour_shortage", **how: Any
) -> tuple[Any, ...]:
    """(employer, lane) of one row of another list beside the key employers."""
    links = employers.employers([KEY_EMPLOYERS, extract(kind, [(name, written)], **how)])
    return links.filter(pl.col("file").str.starts_with(kind)).select("employer", "lane").row(0)


def test_a_verified_code_decides_whatever_the_spelling() -> None:
    assert found("祥发建筑", XIANGFA) == (XIANGFA, "code")
    assert found(None, XIANGFA.lower()) == (XIANGFA, "code")


def test_an_old_organisation_code_finds_the_code_that_holds_it() -> None:
    assert found("祥发", f"{XIANGFA[8:16]}-{XIANGFA[16]}") == (XIANGFA, "org_code")


def test_an_organisation_code_nobody_else_has_stands_for_itself() -> None:
    eight = "00000077"
    nine = eight + credit_codes.org_check_char(eight)
    assert found("连城县福源竹木制品有限公司", nine) == (nine, "org_code")


@pytest.mark.parametrize(
    "name",
    "龙岩连城祥发建筑工程有限公司 龙岩连城祥发建筑工程公司 龙岩市连城县祥发建筑工程有限责任公司 祥发建筑工程".split(),
)
def test_a_name_finds_the_employer_in_any_spelling(name: str) -> None:
    assert found(name) == (XIANGFA, "name")


def test_of_two_called_alike_the_whole_name_decides_and_the_short_one_does_not() -> None:
    assert found("龙岩连城华宇食品有限公司") == (HUAYU, "name")
    assert found("连城县华宇食品有限公司") == (OTHER_HUAYU, "name")
    assert found("华宇食品") == (None, "none")
    assert found("连城华宇食品有限责任公司") == (OTHER_HUAYU, "name")


@pytest.mark.parametrize(("name", "number"), [("祥发建筑", 11), ("山达家政", 14), ("联美鞋业二车间", 15)])
def test_a_short_form_or_a_workshop_of_one_employer_finds_it(name: str, number: int) -> None:
    employer, lane = found(name)
    assert employer[8:16] == f"{number:08d}" and lane == "weight"


def test_a_short_form_of_two_employers_finds_neither() -> None:
    second = extract("fair_signups", [("连城县祥发建筑材料有限公司", code(17))])
    links = employers.employers([KEY_EMPLOYERS, second, extract("labour_shortage", [("祥发建筑", None)])])
    assert links.filter(pl.col("file").str.starts_with("labour"))["lane"].to_list() == ["none"]


def test_a_whole_name_is_no_short_form() -> None:
    assert found("连城县祥发建筑有限公司") == ("N:祥发建筑@350825", "name")


def test_an_employer_of_another_place_is_another_employer() -> None:
    assert found("厦门祥发建筑工程有限公司") == ("N:祥发建筑工程@3502", "name")
    assert found("金辉物流") == ("N:金辉物流@350825", "name")


def test_a_bare_name_in_a_persons_list_may_be_of_any_place() -> None:
    assert found("金辉物流", kind="travel_demand")[0][8:16] == "00000016"


def test_two_counties_keep_their_employers_of_one_name_apart() -> None:
    lists = [extract("labour_shortage", [("便民超市", None)], place=place) for place in ("350825", "350824")]
    assert employers.employers(lists)["employer"].to_list() == ["N:便民超市@350824", "N:便民超市@350825"]


def test_a_trade_in_a_survey_is_no_employer() -> None:
    assert found("鞋厂", kind="travel_demand") == (None, "none")
    assert found("在外面做装修", kind="village_survey") == (None, "none")


def test_having_no_employer_or_a_placeholder_is_no_mention() -> None:
    rows = [("务农", None), ("无", None), (None, None), ("连城县林业局", None)]
    links = employers.employers([extract("public_welfare_posts", rows)])
    assert links.select("row", "employer").rows() == [(5, "N:连城林业局@350825")]


def test_a_village_committee_of_two_villages_of_that_name_is_nobody() -> None:
    rows = [("长沙村委会", None)]
    assert employers.employers([extract("public_welfare_posts", rows, place="350122")])["lane"].to_list() == [
        "none"
    ]
    assert employers.employers([extract("public_welfare_posts", rows, place="350823")])["lane"].to_list() == [
        "name"
    ]


def test_a_previous_employer_counts_where_it_is_the_only_one() -> None:
    assert found("龙岩连城祥发建筑工程公司", kind="unemployment_register", field="previous_employer") == (
        XIANGFA,
        "name",
    )


def test_a_code_that_fails_its_check_says_nothing() -> None:
    wrong = XIANGFA[:17] + ("0" if XIANGFA[17] != "0" else "1")
    assert found("连城县联美鞋业有限公司", wrong)[0][8:16] == "00000015"


def test_a_borrowed_code_links_to_neither_employer() -> None:
    again = extract(
        "vacancies", [("龙岩连城祥发建筑工程有限公司", XIANGFA), ("连城县联美鞋业有限公司", code(15))]
    )
    assert (
        employers.employers(
            [KEY_EMPLOYERS, again, extract("labour_shortage", [("连城县联美鞋业有限公司", XIANGFA)])]
        )
        .filter(pl.col("file").str.starts_with("labour"))
        .select("employer", "lane", "score")
        .row(0)
    ) == (None, "none", None)


def test_the_table_takes_the_name_of_the_most_official_list() -> None:
    entity = extract("business_entities", [("龙岩连城祥发建筑工程有限公司", XIANGFA)])
    lists = [
        entity,
        extract(
            "labour_shortage",
            [("祥发建筑", None), ("龙岩市连城县祥发建筑工程有限公司", None), ("连城县林业局", None)],
        ),
    ]
    links = employers.employers(lists)
    rows = employers.table(lists, links).to_dicts()
    assert rows == [
        {
            "employer": XIANGFA, "name": "龙岩连城祥发建筑工程有限公司", "credit_code": XIANGFA, "rows": 3,
            "name_source": "business_entities business_entities-350825.csv##2",
            "names": "祥发建筑;龙岩市连城县祥发建筑工程有限公司;龙岩连城祥发建筑工程有限公司",
        },
        {
            "employer": "N:连城林业局@350825", "name": "连城县林业局", "credit_code": None, "rows": 1,
            "name_source": "labour_shortage labour_shortage-350825.csv##4", "names": "连城县林业局",
        },
    ]  # fmt: skip


def test_no_lists_give_an_empty_table() -> None:
    links = employers.employers([])
    assert links.schema == employers.SCHEMA and links.is_empty() and employers.table([], links).is_empty()


NAMES = st.sampled_from(
    [
        "龙岩连城祥发建筑工程有限公司",
        "祥发建筑",
        "祥发建筑材料",
        "连城县华宇食品有限公司",
        "华宇食品",
        "龙岩连城华宇食品厂",
        "林业局",
        "",
        "无",
    ]
)
ROWS = st.lists(
    st.tuples(NAMES, st.sampled_from([None, XIANGFA, HUAYU, "0", XIANGFA[8:17]])), min_size=1, max_size=12
)


@settings(max_examples=40, deadline=None)
@given(rows=ROWS, kinds=st.permutations(["vacancies", "labour_shortage", "travel_demand"]))
def test_the_order_of_lists_changes_nothing_and_no_row_is_lost(
    rows: list[tuple[str, str | None]], kinds: list[str]
) -> None:
    lists = [extract(kind, rows[n::3]) for n, kind in enumerate(sorted(kinds)) if rows[n::3]]
    links = employers.employers(lists)
    assert links.equals(employers.employers(lists[::-1]))
    assert links.select("file", "row").n_unique() == links.height == employers.mentions(lists).height
    assert ((links["employer"].is_null()) == (links["lane"] == "none")).all()
    assert links["score"].is_null().equals(links["employer"].is_null())
