"""Rows that came as tokens: what makes two of them one person, and what does not."""

import polars as pl

from chunfeng.engines.linkage import keyed


def rows(*told: tuple[str, int, str | None, str | None]) -> pl.DataFrame:
    """file, row, token of the number, token of number and name."""
    frame = pl.DataFrame(
        [{"file": f, "sheet": "", "row": r, "token_id17": n, "token_id15_name": m} for f, r, n, m in told],
        schema={"file": pl.String, "sheet": pl.String, "row": pl.UInt32, "token_id17": pl.String, "token_id15_name": pl.String},
    )  # fmt: skip
    return frame.with_columns(
        [pl.lit(None, dtype=pl.String).alias(c) for c in keyed.STRENGTH if c not in frame.columns]
    )


def groups(table: pl.DataFrame, taken: pl.DataFrame | None = None) -> list[set[tuple[str, int]]]:
    found = keyed.among(table, taken if taken is not None else table.clear())
    return [
        set(part.select("file", "row").rows()) for part in found.partition_by("group", maintain_order=True)
    ]


def test_two_lists_that_share_the_token_of_a_number_share_the_person() -> None:
    table = rows(
        ("甲", 1, "n1", "m1"),
        ("甲", 2, "n1", "m1"),
        ("乙", 7, "n1", None),
        ("乙", 8, "n2", "m2"),
        ("甲", 3, None, "m1"),
    )
    assert groups(table) == [{("甲", 1), ("甲", 2), ("乙", 7)}]


def test_a_number_alone_is_not_a_person_here_either() -> None:
    table = rows(("甲", 1, "n1", "m1"), ("乙", 1, "n1", "m2"), ("丙", 1, "n1", "m2"), ("丁", 1, "n1", None))
    assert groups(table) == [{("乙", 1), ("丙", 1)}]


def test_rows_of_one_list_or_of_somebody_known_make_no_person() -> None:
    table = rows(("甲", 1, "n1", "m1"), ("甲", 2, "n1", "m1"), ("乙", 1, "n2", "m2"), ("丙", 1, "n2", "m2"))
    assert groups(table) == [{("乙", 1), ("丙", 1)}]
    assert groups(table, table.filter(pl.col("file") == "丙")) == []
