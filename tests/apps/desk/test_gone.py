"""The page of a record that is on no list any more: merged away, it leads to the one it is part of now."""

from __future__ import annotations

import uuid
from datetime import date

import pytest
from django.urls import reverse

from chunfeng.apps.places.numbers import place_number
from chunfeng.apps.places.scope import use
from chunfeng.apps.registry.models import Decision, Person

pytestmark = pytest.mark.usefixtures("db")
COUNTY = "350881"
PLACE, KEY = place_number(COUNTY), int(COUNTY) * 10**9


@pytest.mark.parametrize("undone", [False, True])
def test_a_record_merged_away_leads_to_the_one_it_is_part_of(client_as, scope_of, undone):
    clerk = client_as("county_clerk", COUNTY)
    with use(scope_of(COUNTY, actor=clerk.user.pk)):
        for number, gone in ((1, None), (2, date(2023, 1, 15))):
            Person.objects.create(
                key=KEY + number, county=COUNTY, place=PLACE, name="林小春", rows=1, gone=gone
            )
        deed = Decision.objects.create(
            county=COUNTY, place=PLACE, action="confirm", fingerprint="f" * 20, person=KEY + 1, kind="merge",
            deed=uuid.uuid4(), absorbed=KEY + 2, file="名单.csv", row=2, by_id=clerk.user.pk, reason="户主确认",
        )  # fmt: skip
        if undone:
            Decision.objects.filter(pk=deed.pk).update(undone_at="2023-01-16T00:00Z")
    page = clerk.get(reverse("person", args=[KEY + 2])).content.decode()
    assert ("已并入另一条记录" in page) is not undone
    assert (f'href="{reverse("person", args=[KEY + 1])}"' in page) is not undone
    assert reverse("registry-correct", args=[KEY + 2]) not in page
    history = clerk.get(reverse("person-history", args=[KEY + 2])).content.decode()
    assert "合并：并入 P000000001" in history and ("撤销：合并" in history) is undone
    stays = clerk.get(reverse("person", args=[KEY + 1])).content.decode()
    assert reverse("registry-correct", args=[KEY + 1]) in stays and "已并入" not in stays
