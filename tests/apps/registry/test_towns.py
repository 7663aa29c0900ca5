"""What two towns of one county do at once, each without seeing the other."""

from __future__ import annotations

import uuid

import pytest
from django.urls import reverse

from chunfeng.apps.places.numbers import place_number, reach
from chunfeng.apps.places.scope import use
from chunfeng.apps.registry import searching
from chunfeng.apps.registry.models import Decision, Doubt, Inquiry
from chunfeng.apps.registry.services import decisions, review

pytestmark = pytest.mark.usefixtures("db")
COUNTY, TOWNS = "350825", ("350825100", "350825101")


def test_persons_split_off_by_two_towns_get_two_numbers(user, scope_of):
    numbers = []
    for town in TOWNS:
        clerk = user(f"clerk-{town}", "town_officer", town)
        with use(scope_of(town, actor=clerk.pk)):
            number = decisions._next_split(COUNTY)
            Decision.objects.create(
                county=COUNTY, place=place_number(town), fingerprint=f"f{town}", file="甲.csv", row=2, person=number,
                action=Decision.Action.CONFIRM, by=clerk, reason="两人误合", deed=uuid.uuid4(),
            )  # fmt: skip
            numbers.append(number)
    assert numbers[1] == numbers[0] + 1


def test_a_row_is_asked_about_once(user, scope_of):
    town = TOWNS[0]
    with use(scope_of(town, actor=user("asking", "town_officer", town).pk)):
        doubt = Doubt.objects.create(
            county=COUNTY,
            place=place_number(town),
            group="g",
            file="甲.csv",
            row=2,
            rank=1,
            why="",
            fingerprint="f",
        )
        review.ask_village(doubt, doubt.place, "是不是同一个人？")
        with pytest.raises(decisions.Refused):
            review.ask_village(doubt, doubt.place, "是不是同一个人呢？")
        assert Inquiry.objects.count() == 1


MISTYPED = ["35082519900101001", "3508251990010100111", "138001380001", "1380013800", "3508 2519 9001 01001"]


@pytest.mark.parametrize("typed", MISTYPED)
def test_a_mistyped_number_stands_in_no_address(client_as, typed):
    if searching.understand(typed, reach(COUNTY)).way in searching.EXACT:
        pytest.fail("a whole number is no mistyped one")
    answer = client_as().post(reverse("registry"), {"q": typed})
    assert answer.url == reverse("registry")


@pytest.mark.parametrize("typed", ["P000000042", "42", "000000042"])
def test_a_number_of_a_person_is_no_mistyped_one(typed):
    assert searching.understand(typed, reach(COUNTY)).way == "number"
