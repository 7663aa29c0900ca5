"""A yardstick makes results comparable: kept, it gives what it gave; it holds until what it was learned from has moved."""

import random
from typing import Any

import polars as pl
import pytest

from chunfeng.engines.linkage.calibrate import ENOUGH
from chunfeng.engines.linkage.codes import coded
from chunfeng.engines.linkage.exact import by_id
from chunfeng.engines.linkage.link import Links, link
from chunfeng.engines.linkage.profiles import known_rows
from chunfeng.engines.linkage.yardstick import learned, still_holds
from tests.engines.linkage.town import claims, extract, townspeople

PEOPLE = townspeople(990)
VERIFIED = PEOPLE[300:900]
WITHOUT = [
    {k: v for k, v in p.items() if k != "id"} | ({} if n % 3 else {"phone": None})
    for n, p in enumerate(PEOPLE[:300])
]


def town(
    people: list[dict[str, Any]] = PEOPLE, survey: list[dict[str, Any]] = WITHOUT + VERIFIED
) -> pl.DataFrame:
    return claims(extract("household_register", people), extract("village_survey", survey))


def said(table: pl.DataFrame, links: Links) -> pl.DataFrame:
    """Per row what it says and who it is, in an order of its own."""
    told = ["kind", "name", "birth", "phone", "region", "id17"]
    both = table.join(links.assigned, on="claim", how="left")
    person = pl.when(pl.col("person") > 0).then("person").alias("person")
    return both.select(*told, person, "lane", "bits").sort(*told, nulls_last=True)


FIRST = link(town())


def test_with_the_yardstick_kept_the_same_rows_give_the_same() -> None:
    again = link(town(), kept=FIRST.yardstick)
    assert again.yardstick is FIRST.yardstick
    assert again.assigned.equals(FIRST.assigned) and again.review.equals(FIRST.review)
    assert (FIRST.assigned["lane"] == "weight").sum() > 200


@pytest.mark.parametrize("seed", range(3))
def test_links_do_not_depend_on_where_rows_stand(seed: int) -> None:
    draw = random.Random(seed)
    people, survey = PEOPLE.copy(), WITHOUT + VERIFIED
    draw.shuffle(people), draw.shuffle(survey)
    moved = town(people, survey)
    assert said(moved, link(moved, kept=FIRST.yardstick)).equals(said(town(), FIRST))


def test_rows_nobody_touched_keep_their_bits_when_others_change() -> None:
    changed = town(survey=WITHOUT[:280] + [{**p, "name": "欧阳海"} for p in WITHOUT[280:]] + VERIFIED[:580])
    now = link(changed, kept=FIRST.yardstick)
    before, after = said(town(), FIRST), said(changed, now)
    both = before.unique(before.columns[:6], keep="none").join(
        after.unique(before.columns[:6], keep="none"), on=before.columns[:6], nulls_equal=True, suffix="_now"
    )
    unmoved = both.filter(pl.col("lane") == "weight")
    assert unmoved.height > 200
    assert unmoved["bits"].equals(unmoved["bits_now"].alias("bits")) and unmoved["person"].equals(
        unmoved["person_now"].alias("person")
    )


def known_of(table: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    table = coded(table)
    return table, known_rows(table, by_id(table).assigned)


@pytest.mark.parametrize(
    ("people", "survey", "holds"),
    [
        (PEOPLE, WITHOUT + VERIFIED, True),
        (PEOPLE, VERIFIED, True),
        (PEOPLE, WITHOUT + VERIFIED[:560], True),
        (PEOPLE, WITHOUT + VERIFIED[:500], False),
        (PEOPLE[:860], WITHOUT + VERIFIED, False),
        (PEOPLE, WITHOUT, False),
    ],
)
def test_it_holds_until_verified_rows_or_persons_have_moved(
    people: list[dict[str, Any]], survey: list[dict[str, Any]], holds: bool
) -> None:
    assert still_holds(learned(*known_of(town())), *known_of(town(people, survey))) is holds


@pytest.mark.parametrize(("rows", "holds"), [(ENOUGH - 1, True), (ENOUGH, False)])
def test_a_kind_of_list_it_does_not_know_ends_it_once_its_rows_tell_enough(rows: int, holds: bool) -> None:
    other = claims(
        extract("household_register", PEOPLE),
        extract("village_survey", WITHOUT + VERIFIED),
        extract("graduates", PEOPLE[:rows]),
    )
    assert still_holds(FIRST.yardstick, *known_of(other)) is holds
    if not holds:
        assert link(other, kept=FIRST.yardstick).yardstick.verified["graduates"] == rows
