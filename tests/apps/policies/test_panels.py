"""The panel of policies: what is met comes first, the nearest deadline foremost, with where and how to claim it."""

from __future__ import annotations

from datetime import date

import pytest

from chunfeng.apps.places.numbers import place_number
from chunfeng.apps.places.scope import use
from chunfeng.apps.policies import panels
from chunfeng.apps.policies.models import Entitlement
from chunfeng.apps.registry.models import Person

pytestmark = pytest.mark.usefixtures("db")
COUNTY, DAY = "350825", date(2023, 1, 15)


@pytest.fixture
def person(scope_of):
    with use(scope_of(COUNTY)):
        yield Person.objects.create(
            key=350825000000001, county=COUNTY, place=place_number(COUNTY), name="林小春"
        )


def entitle(person, policy, answer, deadline=None, **fields):
    Entitlement.objects.create(
        **{"county": COUNTY, "place": person.place, "person": person, "subject": "person", "policy": policy}
        | {"answer": answer, "deadline": deadline, "reason": "因为", "amount": "1000元", "missing": ""}
        | fields
    )


def test_nothing_is_no_panel(person):
    assert panels.panel(person, DAY) is None


def test_what_is_met_by_deadline_then_what_is_open(person):
    entitle(person, "I16", "yes")
    entitle(person, "I6", "yes", date(2023, 6, 30))
    entitle(person, "I2", "yes", date(2023, 3, 31))
    entitle(person, "I11", "unknown", missing="有技能证书；发证日")
    panel = panels.panel(person, DAY)
    assert [offer.policy for offer in panel["met"]] == ["I2", "I6", "I16"]
    (waiting,) = panel["open"]
    assert waiting.missing == ("有技能证书", "发证日")
    assert waiting.name == "技能提升补贴" and waiting.office and waiting.materials and waiting.unverified
    assert waiting.document
    ranks = {todo["anchor"]: todo["rank"] for todo in panel["todo"]}
    assert set(ranks) == {"policy-I2", "policy-I6", "policy-I16"}
    assert ranks["policy-I2"] < ranks["policy-I16"]
    assert "2023-03-31" in next(t["detail"] for t in panel["todo"] if t["anchor"] == "policy-I2")


def test_the_way_to_claim_is_that_of_the_place_and_day(person):
    entitle(person, "I12", "unknown")
    everywhere = panels.panel(person, date(2024, 8, 1))["open"][0]
    person.county = "350582"  # 晋江 has a rule of its own from July 2024
    there = panels.panel(person, date(2024, 8, 1))["open"][0]
    before = panels.panel(person, DAY)["open"][0]
    assert there.document != everywhere.document == before.document


def test_a_policy_nobody_wrote_down_is_shown_all_the_same(person):
    entitle(person, "X99", "yes")
    (offer,) = panels.panel(person, DAY)["met"]
    assert (offer.name, offer.amount, offer.document, offer.materials) == ("X99", "1000元", "", ())
