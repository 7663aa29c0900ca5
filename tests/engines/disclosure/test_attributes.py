"""Which attributes may travel beside tokens."""

import polars as pl
import pytest

from chunfeng.engines.disclosure import attributes
from chunfeng.engines.sheets.kinds import load_kinds

TELLING = [
    ("name", "name"), ("contact_name", "contact"), ("id_number", "citizen_id"), ("certificate_number", "certificate"),
    ("phone", "phone"), ("home_address", "address"), ("birth_date", "partial_date"), ("village_code", "region_code"),
    ("employer_name", "org_name"), ("credit_code", "credit_code"), ("person_token", "token"),
    ("remark", "text"), ("household_number", "text"), ("village", "text"),
]  # fmt: skip


@pytest.mark.parametrize(("field", "type_name"), TELLING)
def test_what_tells_who_a_person_is_may_not_travel(field: str, type_name: str) -> None:
    assert attributes.refusal(field, type_name)


@pytest.mark.parametrize(
    ("field", "type_name"),
    [
        ("sex", "code:sex"),
        ("flow_month", "month"),
        ("allowance_kind", "text"),
        ("employed", "yes_no"),
        ("age", "integer"),
    ],
)
def test_what_tells_something_of_a_person_may(field: str, type_name: str) -> None:
    assert attributes.refusal(field, type_name) is None


def test_no_kind_of_extract_has_a_telling_field_that_passes() -> None:
    """Fields whose Chinese label speaks of a name, number, telephone, address or a person, in every kind we know."""
    passed = {
        (f.name, f.label)
        for kind in load_kinds().values()
        for f in kind.fields
        if attributes.refusal(f.name, f.type) is None and f.type != "yes_no"
    }
    assert len(passed) > 40
    telling = [
        p
        for p in passed
        if any(word in p[1] for word in ("姓名", "证号", "电话", "地址", "住址", "户号", "身份证", "邮箱"))
    ]
    assert telling == []


@pytest.mark.parametrize(
    "cell",
    [
        "15400000001",
        "正常 154 0000 0001",
        "350825199001010011",
        "家住村口第二栋三楼右手边那间，门前有棵龙眼树",
    ],
)
def test_a_column_of_states_that_holds_more_is_noticed(cell: str) -> None:
    assert attributes.telling(pl.Series(["正常", None, cell])) == 1


def test_a_column_of_states_passes() -> None:
    assert attributes.telling(pl.Series(["正常", "迁出（2022年）", None, "202301"])) == 0


def test_rows_with_a_rare_combination_are_counted() -> None:
    assert attributes.few_alike(pl.Series([1] * 5 + [2] * 4 + [3])) == 5
    assert attributes.few_alike(pl.Series([1] * 9)) == 0
