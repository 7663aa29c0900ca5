"""Levels of agreement are the best over all that is known of a person, whatever is said how often; unknown is never «differs»."""

import polars as pl
import pytest

from chunfeng.engines.linkage.agreement import name_level
from chunfeng.engines.linkage.candidates import PAIR
from chunfeng.engines.linkage.codes import coded
from chunfeng.engines.linkage.patterns import patterns
from chunfeng.engines.linkage.profiles import known_rows, profiles
from tests.engines.linkage.test_records import rows
from tests.engines.linkage.town import id18

NONE = pl.DataFrame(schema=PAIR)
PERSONS = [int(id18(f"198005{day:02d}", day)[:17]) for day in range(1, 29)]


def table(count: int, seed: int) -> pl.DataFrame:
    """Coded claims of few different values."""
    none = [pl.lit(None, dtype=pl.String).alias(c) for c in ("household", "id_text", "id_kind")]
    numbers = [pl.lit(None, dtype=pl.Int64).alias(c) for c in ("id17", "known15")]
    return coded(rows(count, seed).with_row_index("claim").with_columns(*none, *numbers, kind=pl.lit("list")))


def levels(claims: pl.DataFrame, assigned: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(pairs, patterns) of every claim that is nobody's with every person."""
    wanted = claims.join(assigned, on="claim", how="anti")
    pairs = (
        wanted.select("claim").join(assigned.select("person").unique(), how="cross").sort("claim", "person")
    )
    known = profiles(known_rows(claims, assigned), pairs["person"], claims)
    return pairs, patterns(pairs, wanted, known, NONE, NONE)


@pytest.mark.parametrize("seed", range(8))
def test_the_best_over_all_rows_of_a_person_counts(seed: int) -> None:
    claims = table(160, seed)
    assigned = pl.DataFrame({"claim": range(120), "person": [PERSONS[n * 7 % 11] for n in range(120)]}).cast(
        PAIR
    )
    pairs, found = levels(claims, assigned)
    theirs = claims.select("claim", pl.all().exclude("claim").name.prefix("p_"))
    each = (
        pairs.join(claims, on="claim")
        .join(assigned.select("person", pl.col("claim").alias("said")), on="person")
        .join(theirs.rename({"claim": "said"}), on="said")
    )
    phones = [pl.col(a).eq(pl.col(f"p_{b}")).fill_null(False) for a in PHONES for b in PHONES]
    best = each.group_by("claim", "person").agg(
        pl.when(pl.col("p_name_kind") == "ok").then(name_level("p_")).min().alias("name_level"),
        pl.any_horizontal(phones).any().alias("same_phone"),
        pl.any_horizontal(pl.col("p_phone", "p_phone_2").is_not_null()).any().alias("has_phone"),
        (pl.col("employer") == pl.col("p_employer")).any().alias("same_employer"),
        (pl.col("region").eq(pl.col("p_region")) & (pl.col("region").str.len_chars() == 12))
        .any()
        .alias("same_village"),
    )
    both = found.join(best, on=["claim", "person"], suffix="_plain").join(
        claims.select("claim", "phone", "region"), on="claim"
    )
    assert both.height == pairs.height == 40 * 11
    assert both["name_level"].equals(both["name_level_plain"], null_equal=True)
    assert ((both["phone_level"] == 0).fill_null(False) == both["same_phone"]).all()
    assert (both["phone_level"].is_not_null() >= (both["has_phone"] & both["phone"].is_not_null())).all()
    assert ((both["employer_level"] == 0).fill_null(False) == both["same_employer"].fill_null(False)).all()
    assert ((both["region_level"] == 0).fill_null(False) == both["same_village"].fill_null(False)).all()
    assert both.filter(pl.col("region").is_null())["region_level"].null_count() == both["region"].null_count()


PHONES = ("phone", "phone_2")


@pytest.mark.parametrize(
    ("own", "theirs", "level"),
    [
        ("350825100201", ["350825100201"], 0),
        ("350825100201", ["350824100201", "350825100202"], 1),
        ("350825100201", ["350825100"], None),
        ("350825100201", ["350825101201"], 2),
        ("350825100201", ["350824100201"], 3),
        ("350825100", ["350825100201"], None),
        ("350825", ["350825100201"], None),
        ("350825", ["350824100201"], 3),
        ("35", ["350824100201"], None),
        (None, ["350824100201"], None),
        ("350825100201", ["350825"], None),
        ("350825100299", [f"350825100{n}" for n in range(201, 900)], 0),
    ],
)
def test_how_near_two_places_are(own: str | None, theirs: list[str], level: int | None) -> None:
    claims = table(len(theirs) + 1, 1).with_columns(region=pl.Series([own, *theirs], dtype=pl.String))
    claims = coded(claims.drop(pl.selectors.ends_with("_code"), "kind_bit"))
    assigned = claims.select("claim", pl.lit(PERSONS[0]).alias("person")).filter(pl.col("claim") > 0)
    _, found = levels(claims, assigned)
    assert found["region_level"].to_list() == [level]


def test_no_pairs_have_no_patterns() -> None:
    claims = table(4, 1)
    assigned = pl.DataFrame({"claim": range(4), "person": PERSONS[:4]}).cast(PAIR)
    assert levels(claims, assigned)[1].height == 0
