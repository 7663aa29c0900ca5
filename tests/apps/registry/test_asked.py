"""A list is narrowed by what was asked and by nothing else; what is exported is what the list shows."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from chunfeng.apps.audit import exports
from chunfeng.apps.places.numbers import place_number
from chunfeng.apps.places.scope import use
from chunfeng.apps.registry import exporting
from chunfeng.apps.registry.models import Person
from chunfeng.reference import regions

pytestmark = pytest.mark.usefixtures("db")
COUNTY = "350881"
TOWN = regions.children(COUNTY)[0]
NAMES = ("林小春", "林志明", "陈小春", "陈志明", "欧阳海燕")


@pytest.fixture
def people(scope_of):
    with use(scope_of(COUNTY)):
        for n, name in enumerate(NAMES, start=1):
            Person.objects.create(
                key=int(COUNTY) * 10**9 + n, county=COUNTY, place=place_number(TOWN.code if n < 3 else COUNTY),
                name=name, pinyin="lin zhi ming" if n == 2 else "x", initials="lzm" if n == 2 else "x", sex=str(1 + n % 2),
            )  # fmt: skip


ASKED = (
    {},
    {"q": "林"},
    {"q": "志明"},
    {"q": "志明", "way": "name"},
    {"q": "linzhi"},
    {"q": "lzm"},
    {"q": "P000000004"},
    {"q": "林", "sex": "1"},
    {"q": f"{TOWN.name} 林小春"},
    {"q": "林", "place": TOWN.code},
    {"q": TOWN.name},
    {"q": f"林小春 {TOWN.name}"},
)


@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_what_is_exported_is_what_the_list_shows(people, client_as, scope_of, asked):
    client = client_as("county_clerk", COUNTY)
    page = client.get(reverse("registry"), asked).content.decode()
    shown = [name for name in NAMES if f">{name}</a>" in page]
    with use(scope_of(COUNTY)):
        if shown:
            told = exporting._persons(asked, ["name"])
            assert sorted(name for (name,) in told) == sorted(shown)
        assert exporting._count_persons(asked) == len(shown)
    address = re.search(r'href="(/audit/exports/ask/[^"]*)"', page)
    assert (address is None) is (not shown)


@pytest.mark.parametrize("typed", ["350881199001010017", "13800138000", "35088119900101001"])
def test_a_whole_number_is_no_condition_of_an_export(people, scope_of, typed):
    with use(scope_of(COUNTY)), pytest.raises(exports.Refused):
        exporting._count_persons({"q": typed})


@pytest.mark.parametrize(
    ("asked", "label"),
    [({"yes": "ZZ"}, "符合认定类别"), ({"place": "350821"}, "地区"), ({"place": "x"}, "地区")],
)
def test_a_condition_that_cannot_be_used_is_told_and_the_others_hold(people, client_as, asked, label):
    client = client_as("county_clerk", COUNTY)
    page = client.get(reverse("registry"), asked | {"sex": "2"}).content.decode()
    assert f"名单没有按它们筛：{label}。" in page
    assert [name for name in NAMES if f">{name}</a>" in page] == [NAMES[0], NAMES[2], NAMES[4]]
    assert "没有按它们筛" not in client.get(reverse("registry"), {"sex": "2"}).content.decode()


def test_whoever_approves_reads_the_conditions_in_words(people, client_as):
    asked = {"q": "林", "way": "given", "place": TOWN.code, "unknown": "A1", "doubts": "on", "age": "45-54"}
    page = client_as("county_clerk", COUNTY).get(reverse("export-ask", args=["persons"]), asked)
    text = page.content.decode().split("<main")[1].split("<form")[0]
    for told in (TOWN.name, "大龄城镇居民", "待查的类别", "有待判定的行", "45-54 岁", "名字中含"):
        assert told in text, told
    assert "unknown" not in text and TOWN.code not in text and "doubts" not in text
