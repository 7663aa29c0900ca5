"""The measures of linkage, against their definitions spelt out row by row and pair by pair."""

from itertools import combinations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench._linkage_scores import at_precision, b_cubed, curve, f1, mentions_of, odds, pairwise

groupings = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=14)


def rows_of(pairs: list[tuple[int, int]]) -> pl.DataFrame:
    """(person, cluster) as the table the measures read."""
    return pl.DataFrame({"pid": [p for p, _ in pairs], "cluster": [f"c{c}" for _, c in pairs]})


@given(groupings)
def test_pairwise_counts_pairs(rows: list[tuple[int, int]]) -> None:
    pairs = list(combinations(rows, 2))
    both = sum(a == b for a, b in pairs)
    claimed = sum(a[1] == b[1] for a, b in pairs)
    true = sum(a[0] == b[0] for a, b in pairs)
    expected = (both / claimed if claimed else 1.0, both / true if true else 1.0)
    assert pairwise(rows_of(rows)) == pytest.approx(expected)


@given(groupings)
def test_b_cubed_is_the_mean_over_rows(rows: list[tuple[int, int]]) -> None:
    def mean_share(side: int) -> float:
        return sum(rows.count(r) / sum(o[side] == r[side] for o in rows) for r in rows) / len(rows)

    assert b_cubed(mentions_of(rows_of(rows))) == pytest.approx(f1(mean_share(1), mean_share(0)))


@given(groupings)
def test_no_row_is_lost_and_the_owner_of_a_cluster_stands_with_itself(rows: list[tuple[int, int]]) -> None:
    told = mentions_of(rows_of(rows))
    assert told.height == len(rows)
    assert told.filter(~pl.col("with_other")).group_by("cluster").len().height == told["cluster"].n_unique()


def test_two_rows_with_a_stranger_count_as_with_another() -> None:
    told = mentions_of(rows_of([(1, 1), (1, 1), (2, 1), (2, 2), (2, 2)]))
    assert told.filter(pl.col("with_other")).select("pid", "cluster").rows() == [(2, "c1")]
    assert told.filter(~pl.col("with_own")).select("pid", "cluster").rows() == [(2, "c1")]


def test_the_curve_takes_equal_scores_together_and_counts_nobodys_rows_as_wrong() -> None:
    truth = pl.DataFrame({"claim": [1, 2, 3, 4, 5], "person": [11, 12, 13, 14, None]})
    found = pl.DataFrame({"claim": [1, 2, 3, 5], "got": [11, 12, 99, 98], "score": [9.0, 8.0, 8.0, 1.0]})
    best, recall = curve(truth, found, least=0.9)
    assert recall == pytest.approx(1 / 4)
    assert best == pytest.approx(f1(2 / 3, 2 / 4))


def test_nothing_found_is_no_recall() -> None:
    truth = pl.DataFrame({"claim": [1], "person": [11]})
    found = pl.DataFrame(schema={"claim": pl.Int64, "got": pl.Int64, "score": pl.Float64})
    assert curve(truth, found) == (0.0, 0.0)


def test_odds_are_no_better_than_the_lead_over_the_next() -> None:
    table = pl.DataFrame({"bits": [10.0, 10.0, 0.0], "ahead": [None, 0.0, 30.0]})
    first, tie, even = table.select(odds(pl.col("bits"), pl.col("ahead"))).to_series()
    assert first == pytest.approx(10.0)
    assert tie < 0
    assert even == pytest.approx(0.0, abs=1e-6)


def test_recall_at_a_precision_cuts_weak_links_and_takes_doubtful_ones_that_are_right() -> None:
    inf = float("inf")
    rows = pl.DataFrame(
        {
            "at": [0, 1, 2, 3, 4],
            "pid": [1, 1, 1, 2, 1],
            "person": ["P1", "P1", "P1", "P1", None],
            "score": [inf, inf, 8.0, 2.0, None],
            "doubt": [None, None, None, None, "P1"],
            "doubt_score": [None, None, None, None, 5.0],
        }
    )
    # cut above 2 bits: the stranger leaves, the doubtful row at 5 bits joins: 4 rows of one person, all together
    assert at_precision(rows, least=1.0) == pytest.approx(1.0)
    worse = rows.with_columns(pl.when(pl.col("at") == 4).then(2).otherwise("pid").alias("pid"))
    # now the doubtful row is a stranger too: only the two by number and the one of 8 bits can stand together
    assert at_precision(worse, least=1.0) == pytest.approx(3 / 4)
