"""The panel of rights: yes before unknown before no, with the document, and a thing to do for every open question."""

from __future__ import annotations

from datetime import date

import pytest

from chunfeng.apps.places.numbers import place_number
from chunfeng.apps.places.scope import use
from chunfeng.apps.recognition import panels, selectors
from chunfeng.apps.recognition.models import Recognition, Target
from chunfeng.apps.registry.models import Person

pytestmark = pytest.mark.usefixtures("db")
COUNTY, DAY = "350825", date(2023, 1, 15)


@pytest.fixture
def person(scope_of):
    with use(scope_of(COUNTY)):
        found = Person.objects.create(
            key=350825000000001, county=COUNTY, place=place_number(COUNTY), name="林小春", targets=["T09"]
        )
        for category, answer, missing in (
            ("B1", "no", "农村独生子女户"),
            ("A4", "unknown", "失业登记起算日；就业创业证"),
            ("C1", "yes", ""),
        ):
            Recognition.objects.create(
                county=COUNTY, place=found.place, person=found, category=category, answer=answer,
                reason="因为", missing=missing, rule_version=f"{category}-2016 闽政〔2008〕18号第十条",
            )  # fmt: skip
        for group, answer in (("T02", "unknown"), ("T09", "yes")):
            Target.objects.create(
                county=COUNTY, place=found.place, person=found, group=group, answer=answer, reason="因为"
            )
        yield found


def test_rights_in_order_with_document_and_what_is_missing(person):
    panel = panels.panel(person, DAY)
    assert [r.category for r in panel["recognised"]] == ["C1"]
    (waiting,) = panel["open"]
    assert (waiting.category, waiting.name) == ("A4", "连续失业一年以上城镇居民")
    assert waiting.missing == ("失业登记起算日", "就业创业证")
    assert (waiting.version, waiting.document) == ("A4-2016", "闽政〔2008〕18号第十条")
    assert [r.category for r in panel["refused"]] == ["B1"]
    assert panel["groups"] == [("T09", "就业困难人员")]
    (todo,) = panel["todo"]
    assert todo["anchor"] == "right-A4" and "就业创业证" in todo["detail"]


def test_target_groups_yes_first(person):
    assert [(t.group, t.answer) for t in selectors.targets(person)] == [("T09", "yes"), ("T02", "unknown")]


def test_nothing_asked_is_no_panel(person):
    Recognition.objects.all().delete()
    person.targets = []
    assert panels.panel(person, DAY) is None
