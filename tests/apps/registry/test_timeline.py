"""What happened to a record: lists that named the person, what changed and by whom, never a number in clear."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils.translation import override

from chunfeng.apps.intake import runs
from chunfeng.apps.intake.deliveries import Delivery, Extract, SentFile
from chunfeng.apps.places.numbers import place_number
from chunfeng.apps.places.scope import Scope, use
from chunfeng.apps.registry.models import Claim, Person
from chunfeng.apps.registry.timeline import timeline

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def claim(sample):
    """A row that is somebody, in the county's own scope."""
    with use(runs.scope_for(sample.county)):
        yield Claim.objects.exclude(person=None).exclude(sheet="").select_related("person").order_by("pk")[0]


def hand_in(claim: Claim, state: Extract.State, sheet: str) -> Extract:
    """A list as intake keeps it, whose rows are those of the claim's file."""
    place = place_number(claim.county)
    delivery = Delivery.objects.create(place=place, county=claim.county, as_of=date(2023, 1, 5))
    file = SentFile.objects.create(
        place=place, county=claim.county, delivery=delivery, name=claim.file, path=f"{delivery.pk}/{claim.file}",
        size=1, sha256="0", kind=SentFile.Kind.TABLE, stored="none",
    )  # fmt: skip
    return Extract.objects.create(
        place=place, county=claim.county, delivery=delivery, file=file, source=claim.file, sheet=sheet,
        kind=claim.kind, state=state,
    )  # fmt: skip


def test_lists_in_force_that_name_the_person_are_told(claim):
    hand_in(claim, Extract.State.ACCEPTED, claim.sheet)
    (event,) = timeline(claim.person)
    assert event.title.startswith("名单提到：") and str(claim.row) in event.text
    assert "2023-01-05" in event.text and event.who == "本级人社部门"


@pytest.mark.parametrize("state", [Extract.State.REJECTED, Extract.State.SUPERSEDED, Extract.State.UNDONE])
def test_lists_not_in_force_and_other_sheets_are_not(claim, state):
    hand_in(claim, state, claim.sheet)
    hand_in(claim, Extract.State.ACCEPTED, "另一张表")
    assert timeline(claim.person) == []


def test_what_a_run_found_otherwise_is_told_in_words(claim):
    person = claim.person
    person.education, person.categories, person.stay_region = "21", ["A1"], "350825102"
    person.save()
    (event,) = timeline(person)
    assert event.who == "后台运行"
    assert "文化程度：" in event.text and "→ 大学本科毕业" in event.text
    assert "姑田镇" in event.text and "→ 大龄城镇居民" in event.text


def test_a_number_that_changed_is_not_shown(claim, sample):
    clerk = sample.users["county_clerk"]
    own = runs.scope_for(sample.county)
    with use(Scope(own.reach, "county_clerk", "test", clerk.pk, capabilities=frozenset(["registry.read"]))):
        person = Person.objects.get(pk=claim.person_id)
        person.phone, person.phone_mask = "13859990001", "138****0001"
        person.save()
        (event,) = timeline(person)
    assert event.text == "电话：已变动" and event.who == str(clerk)


def test_what_only_counts_rows_is_no_event(claim):
    person = claim.person
    person.rows += 1
    person.departments = [*person.departments, "民政"]
    person.save()
    assert timeline(person) == []


def test_an_english_reader_is_told_in_english(claim):
    hand_in(claim, Extract.State.ACCEPTED, claim.sheet)
    with override("en"):
        (event,) = timeline(claim.person)
    assert event.title.startswith("Named on a list")
