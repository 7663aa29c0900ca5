"""The sample county on the platform is what its files say: every row, every sum."""

from __future__ import annotations

import polars as pl
import pytest
from django.db.models import Sum

from chunfeng.apps.intake import outcome, runs
from chunfeng.apps.matching.models import Allocation, Recommendation
from chunfeng.apps.places.numbers import place_number
from chunfeng.apps.places.scope import use
from chunfeng.apps.policies.models import Entitlement
from chunfeng.apps.recognition.models import Recognition, Target
from chunfeng.apps.registry.models import Claim, Doubt, Finding, Member, Person, PersonFile, minted_number
from chunfeng.apps.travel.models import RideRequest, Seat
from chunfeng.apps.vault.fields import blind_index
from chunfeng.engines.disclosure.masks import mask_ids, mask_phones

pytestmark = [pytest.mark.usefixtures("db"), pytest.mark.slow]
FILES = {
    "links": Claim, "households": Member, "findings": Finding, "review": Doubt, "recognition": Recognition,
    "targets": Target, "entitlements": Entitlement, "recommendations": Recommendation, "allocation": Allocation,
    "travel": RideRequest, "trips": Seat,
}  # fmt: skip


@pytest.fixture
def county(sample, scope_of):
    with use(scope_of(sample.county)):
        yield sample


@pytest.fixture
def published(sample):
    return pl.read_parquet(sample.out / "persons.parquet")


@pytest.mark.parametrize("file", FILES)
def test_as_many_rows_as_the_file_has(county, file):
    table = outcome.table(county.out, file)
    found = FILES[file].objects.filter(**({} if file == "review" else {"county": county.county}))
    assert found.count() == table.height > 0
    if "person" in table.columns and FILES[file] is not Target:
        assert found.filter(person=None).count() == table["person"].null_count()


def test_persons_are_those_of_the_run(county, published):
    mine = Person.objects.filter(county=county.county)
    columns = ("key", "name", "sex", "birth", "id18", "phone", "id18_mask", "phone_mask", "rows")
    there = pl.DataFrame(
        list(mine.values_list(*columns)), schema=columns, orient="row", infer_schema_length=None
    )
    there = there.with_columns(
        pl.col("key").map_elements(minted_number, return_dtype=pl.String).alias("person")
    )
    text = ("name", "sex")
    wanted = published.select(
        "person", *(pl.col(c).fill_null("") for c in text), "birth", "id18", "phone",
        mask_ids(published["id18"]).fill_null("").alias("id18_mask"),
        mask_phones(published["phone"]).fill_null("").alias("phone_mask"),
        pl.col("claims").cast(pl.Int64).alias("rows"),
    ).sort("person")  # fmt: skip
    assert there.select(wanted.columns).sort("person").equals(wanted)
    some = published.drop_nulls("id18").row(0, named=True)
    found = mine.get(id18_index=blind_index("id18", some["id18"]))
    assert found.number == some["person"]


def test_what_the_person_row_says_in_short_is_what_the_tables_say(county):
    mine = Person.objects.filter(county=county.county)
    short = dict(mine.values_list("key", "categories"))
    yes = {}
    for key, category in Recognition.objects.filter(answer="yes").values_list("person_id", "category"):
        yes.setdefault(key, []).append(category)
    assert {k: sorted(v) for k, v in yes.items()} == {k: v for k, v in short.items() if v}
    assert (
        sum(map(len, mine.values_list("open_categories", flat=True)))
        == Recognition.objects.filter(answer="unknown").count()
    )
    targets = Target.objects.filter(answer="yes").exclude(person=None).count()
    assert sum(map(len, mine.values_list("targets", flat=True))) == targets
    assert mine.aggregate(n=Sum("findings"))["n"] == Finding.objects.exclude(person=None).count()
    assert mine.aggregate(n=Sum("rows"))["n"] == Claim.objects.exclude(person=None).count()
    asked = set(Doubt.objects.exclude(person=None).values_list("person_id", "file", "sheet", "row"))
    assert mine.aggregate(n=Sum("doubts"))["n"] == len(asked)


def test_a_person_lies_where_it_lives_then_where_its_hukou_is(county, published):
    places = {
        p.number: (p.place, p.hukou_place, p.stay_place) for p in Person.objects.filter(county=county.county)
    }
    for person, hukou, stay in published.select("person", "hukou_region", "stay_region").iter_rows():
        own = next((c for c in (stay, hukou) if c and c.startswith(county.county)), county.county)
        fujian = [place_number(c) if c and c.startswith("35") else None for c in (hukou, stay)]
        assert places[person] == (place_number(own), *fujian)
    for model in (
        Claim,
        Member,
        Finding,
        Recognition,
        Target,
        Entitlement,
        Recommendation,
        RideRequest,
        Seat,
    ):
        rows = model.objects.exclude(person=None).values_list(
            "person__key", "place", "hukou_place", "stay_place"
        )[:2000]
        assert all(places[minted_number(key)] == tuple(where) for key, *where in rows), model


def test_a_file_holds_every_value_with_its_source(county):
    values = pl.read_parquet(county.out / "person_values.parquet")
    assert PersonFile.objects.count() == Person.objects.filter(county=county.county).count()
    total = 0
    for file in PersonFile.objects.all():
        total += len(file.content["values"])
    assert total == values.height
    key = values.group_by("person").len().sort("len", "person").row(-1)[0]
    file = next(f for f in PersonFile.objects.all() if minted_number(f.person_id) == key)
    wanted = values.filter(pl.col("person") == key).sort("field", "rank", "file", "sheet", "row", "value")
    told = [(v["field"], v["value"], v["rank"], v["file"], v["row"]) for v in file.content["values"]]
    assert told == list(wanted.select("field", "value", "rank", "file", "row").iter_rows())


def test_what_has_not_changed_is_not_touched(county):
    updated = set(Person.objects.values_list("updated", flat=True))
    for name, loader in runs.loaders():
        for what, count in loader(county.county, county.out, county.run).items():
            if what.rsplit(".", 1)[-1] in ("inserted", "updated", "deleted"):
                assert count == 0, (name, what)
    assert set(Person.objects.values_list("updated", flat=True)) == updated


def test_neighbours_see_none_of_it(sample, scope_of):
    with use(scope_of("350821")):
        for model in (Person, PersonFile, *FILES.values()):
            hukou = {"hukou_place__gte": 350821 * 10**6, "hukou_place__lt": 350822 * 10**6}
            allowed = 0 if model is Doubt else model.objects.filter(**hukou).count()
            assert (
                model.objects.filter(place__gte=350825 * 10**6, place__lt=350826 * 10**6).count() == allowed
            )
