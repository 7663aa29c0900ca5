"""Thresholds lie above every score at which a stranger was ahead."""

import polars as pl
import pytest

from chunfeng.engines.linkage.calibrate import ENOUGH, LEAST, MOST, threshold


def tried(wrong_at: list[float], count: int = 200) -> tuple[pl.DataFrame, pl.DataFrame]:
    bits = [12.0] * count + wrong_at
    claims = list(range(len(bits)))
    right = [True] * count + [False] * len(wrong_at)
    ranked = pl.DataFrame(
        {
            "claim": claims,
            "person": [7 if r else 8 for r in right],
            "bits": bits,
            "next_bits": [None] * len(bits),
        }
    )
    return ranked, pl.DataFrame({"claim": claims, "own": [7] * len(bits)})


def test_a_clean_list_needs_the_least() -> None:
    assert threshold(*tried([]), margin=3.0, otherwise=4.0) == LEAST


@pytest.mark.parametrize("at", [3.2, 5.0, 6.9])
def test_a_stranger_ahead_raises_it_above_that_score(at: float) -> None:
    assert threshold(*tried([at]), margin=3.0, otherwise=4.0) == pytest.approx(at + 0.5)


def test_it_never_rises_beyond_what_would_link_nobody() -> None:
    assert threshold(*tried([20.0]), margin=3.0, otherwise=4.0) == MOST


def test_too_few_rows_tell_nothing() -> None:
    assert threshold(*tried([20.0], count=ENOUGH // 2), margin=3.0, otherwise=4.0) == 4.0


def test_a_stranger_close_behind_is_no_link_and_so_no_error() -> None:
    ranked, truth = tried([6.0])
    close = ranked.with_columns(pl.when(pl.col("person") == 8).then(5.0).otherwise(None).alias("next_bits"))
    assert threshold(close, truth, margin=3.0, otherwise=4.0) == LEAST
