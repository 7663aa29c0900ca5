"""Credit codes of a column, checked together, are what each of them is when read alone."""

import polars as pl
from hypothesis import example, given
from hypothesis import strategies as st

from chunfeng.engines.identity import credit_codes
from chunfeng.engines.identity.credit_codes import CHARACTERS, WEIGHTS
from chunfeng.engines.sheets.values import credit

BODIES = st.tuples(
    st.text(CHARACTERS, min_size=2, max_size=2),
    st.text("0123456789", min_size=6, max_size=6),
    st.text(CHARACTERS, min_size=9, max_size=9),
).map("".join)


def with_org(body: str) -> str:
    """A body whose organisation code keeps its own check, where one of the two alphabets has it."""
    return body[:16] + credit_codes.org_check_char(body[8:16])


GOOD = st.one_of(BODIES, BODIES.map(with_org)).map(lambda b: b + credit_codes.check_char(b))
SLIPPED = st.tuples(GOOD, st.integers(0, 17), st.sampled_from(CHARACTERS + "OISVZ x-")).map(
    lambda t: t[0][: t[1]] + t[2] + t[0][t[1] + 1 :]
)


@given(st.lists(st.one_of(GOOD, SLIPPED, GOOD.map(str.lower), st.text(max_size=20), st.none()), max_size=12))
@example(["110105199001010019", "11010519491231002X", "000000000000000000", "91350825MA00000000\n"])
def test_a_column_is_read_as_each_of_its_codes_is(texts: list[str | None]) -> None:
    values = pl.Series("v", texts, dtype=pl.String)
    got, expected = credit.read_column(values), credit_codes.read_column(values)
    assert got.schema == expected.schema and got.rows() == expected.rows()


@given(GOOD.filter(lambda c: not c[:17].isdigit()))
def test_a_code_that_keeps_the_standard_is_taken(code: str) -> None:
    assert sum(w * CHARACTERS.index(c) for w, c in zip((*WEIGHTS, 1), code, strict=True)) % 31 == 0
    frame = credit.read_column(pl.Series("v", [code, None, code]))
    assert frame["kind"].to_list() == ["ok", None, "ok"] and frame["code"].to_list() == [code, None, code]
