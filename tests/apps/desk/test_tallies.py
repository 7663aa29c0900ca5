"""Figures by place: equal to what the tables and the run's own files hold, from the county down to the village."""

from __future__ import annotations

from collections import Counter
from datetime import date

import polars as pl
import pytest
from django.db import connection

from chunfeng.apps.desk import tallies
from chunfeng.apps.desk.measures import measures
from chunfeng.apps.desk.models import FourClears, Tally
from chunfeng.apps.places.models import Region
from chunfeng.apps.places.numbers import place_number
from chunfeng.apps.places.scope import use
from chunfeng.apps.registry.models import Person

pytestmark = pytest.mark.usefixtures("sample", "db")
LIANCHENG, CHANGTING, LONGYAN = "350825", "350821", "3508"


@pytest.fixture
def county(scope_of):
    with use(scope_of(LIANCHENG)):
        yield tallies.figures(Region.objects.get(code=LIANCHENG))


def answers(sample, name: str, subject: str = "person") -> pl.DataFrame:
    return pl.read_csv(sample.out / f"{name}.csv", infer_schema=False)


def test_a_countys_figures_are_those_of_the_run(sample, county):
    recognition = answers(sample, "recognition")
    for answer, measure in (("yes", "yes"), ("unknown", "open")):
        said = recognition.filter(pl.col("answer") == answer)
        by_category = Counter(said["category"])
        assert by_category
        for category, persons in by_category.items():
            assert county.of(f"{measure}.{category}") == persons
    yes = recognition.filter(pl.col("answer") == "yes")
    assert county.of("recognised") == yes["person"].n_unique()
    for group, persons in Counter(
        answers(sample, "targets").filter(
            (pl.col("answer") == "yes") & pl.col("person").str.contains(r"^P\d{9}$")
        )["group"]
    ).items():
        assert county.of(f"target.{group}") == persons
    offered = answers(sample, "recommendations")
    assert county.of("matched") == offered.filter(pl.col("vacancy").is_not_null())["person"].n_unique()
    assert county.of("unmatched") == offered.filter(pl.col("vacancy").is_null())["person"].n_unique()
    entitled = answers(sample, "entitlements").filter(
        (pl.col("subject_kind") == "person") & (pl.col("answer") == "yes")
    )
    assert county.of("entitled") == entitled["subject"].n_unique()
    assert county.of("seated") == answers(sample, "trips")["person"].drop_nulls().n_unique()
    assert county.of("allocated") == answers(sample, "allocation").height
    assert county.of("waiting") == answers(sample, "allocation_waiting")["person"].n_unique()
    assert county.of("persons") == pl.read_parquet(sample.out / "persons.parquet").height
    links = answers(sample, "links")
    assert county.of("rows") == links.height
    assert county.of("rows_linked") == links["person"].drop_nulls().len()


COUNTED = {
    "persons": "true",
    "linked": "cardinality(p.departments) > 1",
    "recognised": "cardinality(p.categories) > 0",
    "open": "cardinality(p.open_categories) > 0",
    "yes.A7": "'A7' = ANY(p.categories)",
    "target.T01": "'T01' = ANY(p.targets)",
    "entitled": "EXISTS (SELECT 1 FROM policies_entitlement e WHERE e.person_id = p.key AND e.answer = 'yes')",
    "matched": "EXISTS (SELECT 1 FROM matching_recommendation r WHERE r.person_id = p.key AND r.vacancy <> '')",
    "seated": "EXISTS (SELECT 1 FROM travel_seat s WHERE s.person_id = p.key)",
    "doubts": "p.doubts > 0",
    "without_id": "p.id18_index IS NULL",
    "four_clears": "p.id18_index IS NOT NULL AND p.name <> '' AND EXISTS (SELECT 1 FROM desk_fourclears c"
    " WHERE c.person_id = p.key AND c.intention AND c.skill AND c.need)",
}


@pytest.mark.parametrize("measure", COUNTED)
def test_figures_of_every_level_equal_a_plain_count(scope_of, measure):
    """The same question in other words, asked of the tables place by place."""
    with use(scope_of(LIANCHENG)), connection.cursor() as cursor:
        for level, unit in (("county", 10**6), ("town", 10**3), ("village", 1)):
            cursor.execute(
                f"SELECT p.place / {unit} * {unit}, count(*) FROM registry_person p"
                f" WHERE p.gone IS NULL AND {COUNTED[measure]} GROUP BY 1"
            )
            counted = dict(cursor.fetchall())
            rows = Tally.objects.filter(latest=True, level=level)
            assert {row.place: row.counts[measure] for row in rows if measure in row.counts} == counted
            assert counted


@pytest.mark.parametrize("measure", ["visited", "skill_clear", "entitled_open", "ride_asked", "yes.C1"])
def test_a_figure_is_as_long_as_the_list_it_opens(scope_of, measure):
    with use(scope_of(LIANCHENG)):
        for row in Tally.objects.filter(latest=True, level="town")[:4]:
            inside = Person.objects.filter(
                measures()[measure].where(), place__gte=row.place, place__lt=row.place + 1000, gone=None
            )
            if row.place % 10**6:  # the county's own number stands for no known town
                assert inside.count() == row.counts.get(measure, 0)


def test_parts_add_up(county):
    for code in measures():
        assert sum(part.counts.get(code, 0) for part in county.parts) == county.of(code)
    towns = [part for part in county.parts if part.name]
    assert {part.code for part in towns} <= {r.code for r in Region.objects.filter(parent_id=LIANCHENG)}


def test_nobody_is_clear_of_whom_no_list_tells(sample, scope_of):
    wide = pl.read_parquet(sample.out / "facts_wide/persons.parquet")
    silent = wide.filter(pl.col("intention").is_null() | (pl.col("intention") == "undecided"))
    keys = {int(LIANCHENG) * 10**9 + int(number[1:]) for number in silent["person"]}
    with use(scope_of(LIANCHENG)):
        clear = set(FourClears.objects.filter(intention=True).values_list("person", flat=True))
    assert clear
    assert not clear & keys


def test_counting_again_on_the_same_day_replaces_and_another_day_adds(sample, scope_of):
    with use(scope_of(LIANCHENG)):
        first = list(
            Tally.objects.filter(latest=True).order_by("level", "place").values_list("place", "counts")
        )
        day = Tally.objects.filter(latest=True).latest("day").day
        rows = Tally.objects.count()
        tallies.refresh(LIANCHENG, day, sample.as_of)
        again = Tally.objects.filter(latest=True).order_by("level", "place")
        assert list(again.values_list("place", "counts")) == first
        assert Tally.objects.count() == rows
        tallies.refresh(LIANCHENG, date(day.year + 1, 1, 1), sample.as_of)
        assert Tally.objects.filter(latest=True).count() == len(first)
        assert not Tally.objects.filter(latest=False, level="village").exists()
        assert Tally.objects.filter(latest=False, level="county").count() == 1


@pytest.fixture
def two_counties(scope_of):
    """Three persons next door, counted: the same hour, the same rules, another county."""
    with use(scope_of(CHANGTING)):
        for number in range(3):
            Person.objects.create(
                key=int(CHANGTING) * 10**9 + number,
                county=CHANGTING,
                place=place_number("350821100001") + number // 2,
                name=f"邻{number}",
                categories=["A1"] if number else [],
            )
        tallies.refresh(CHANGTING, date(2023, 1, 16), date(2023, 1, 15))


def test_province_and_city_see_two_counties_side_by_side(two_counties, scope_of, county):
    for office in ("35", LONGYAN):
        with use(scope_of(office)):
            seen = tallies.figures(Region.objects.get(code=office))
        by_code = {part.code: part for part in seen.counties}
        assert by_code[CHANGTING].counts["persons"] == 3
        assert by_code[CHANGTING].counts["recognised"] == 2
        assert by_code[LIANCHENG].counts == county.counts
        others = [part for part in seen.counties if part.code not in (CHANGTING, LIANCHENG)]
        loaded = sum(part.counts["persons"] for part in others if part.counts)  # by other tests
        assert seen.of("persons") == county.of("persons") + 3 + loaded
        assert any(part.counts is None for part in others)  # unknown, not nought
    parts = {part.code: part for part in seen.parts}
    assert parts[CHANGTING].counts["yes.A1"] == 2


def test_a_county_sees_no_neighbour(two_counties, scope_of, county):
    with use(scope_of(CHANGTING)):
        assert Tally.objects.filter(county=LIANCHENG).count() == 0
        own = tallies.figures(Region.objects.get(code=CHANGTING))
        assert own.of("persons") == 3
        # 连城, asked for by name, tells nothing
        assert tallies.figures(Region.objects.get(code=LIANCHENG)).counts is None


def test_town_and_village_see_their_own(scope_of, county):
    town = max((part for part in county.parts if part.name), key=lambda part: part.counts.get("persons", 0))
    with use(scope_of(town.code)):
        seen = tallies.figures(Region.objects.get(code=town.code))
    assert seen.counts == town.counts
    village = max((p for p in seen.parts if p.name), key=lambda part: part.counts.get("persons", 0))
    with use(scope_of(village.code)):
        assert tallies.figures(Region.objects.get(code=village.code)).counts == village.counts


def test_reading_figures_takes_few_queries(scope_of, at_most):
    with use(scope_of("35")):
        province = Region.objects.get(code="35")
        with at_most(3):
            tallies.figures(province)
