"""The sample county: wishes of its 6,106 visits, from its own files, by halves of texts seen and not seen."""

import polars as pl
import pytest

from chunfeng.engines.matching.wishes.visits import wishes
from tests.engines.matching.sample import COUNTY, extracts, held_out, truth


@pytest.fixture(scope="module")
def judged() -> pl.DataFrame:
    """Truth beside what was read; `said`: the true place stands in the text, or there is none."""
    found = wishes(extracts("07"), COUNTY)
    expected = truth("intentions.csv").with_columns(
        pl.col("text").map_elements(held_out, return_dtype=pl.Boolean).alias("held_out"),
        pl.col("text").str.contains(pl.col("destination").fill_null(""), literal=True).alias("said"),
    )
    joined = expected.join(found, on=["file", "sheet", "row"], how="left", suffix="_read")
    columns = ("kind", "destination", "wage_min", "wage_unit", "training")
    return joined.with_columns(
        (pl.col(c).fill_null("") == pl.col(f"{c}_read").fill_null("")).alias(f"{c}_right") for c in columns
    )


def _share(judged: pl.DataFrame, column: str) -> float:
    return judged[f"{column}_right"].mean() or 0.0  # type: ignore[return-value]


@pytest.mark.parametrize("half", [False, True], ids=["seen", "held out"])
def test_a_text_is_read_as_it_is_meant(judged: pl.DataFrame, half: bool) -> None:
    texts = judged.filter(pl.col("text").is_not_null() & (pl.col("held_out") == half))
    assert texts.height > 2000
    assert _share(texts, "kind") >= 0.98
    assert _share(texts, "wage_min") >= 0.99
    assert _share(texts, "wage_unit") >= 0.99
    assert _share(texts, "training") >= 0.99
    assert _share(texts.filter("said"), "destination") >= 0.99


def test_over_all_visits_the_goals_hold(judged: pl.DataFrame) -> None:
    """The truth calls an empty cell no wish and gives 就近 one of six places by chance; both count as wrong here."""
    assert _share(judged, "kind") >= 0.95
    assert _share(judged, "destination") >= 0.95
    assert _share(judged, "wage_min") >= 0.99


def test_an_empty_cell_is_no_answer(judged: pl.DataFrame) -> None:
    empty = judged.filter(pl.col("text").is_null())
    assert empty.height
    assert empty["kind_read"].null_count() == empty.height


def test_places_here_have_the_code_of_the_row(judged: pl.DataFrame) -> None:
    town = judged.filter(pl.col("destination_read") == "本镇")
    assert town["region"].str.len_chars().unique().to_list() == [9]
    assert set(judged.filter(pl.col("destination_read") == "晋江")["region"]) == {"350582"}
    assert set(judged.filter(pl.col("destination_read") == "东莞")["region"]) == {"441900"}
