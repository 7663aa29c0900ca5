"""One person in two counties: found by number, true by two offices' word, and undone by either."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.urls import reverse

from chunfeng.apps.places.numbers import place_number, reach
from chunfeng.apps.places.scope import Scope, use, whole_province
from chunfeng.apps.registry import selectors
from chunfeng.apps.registry.models import Person, SamePerson, SameVoice
from chunfeng.apps.registry.services import decisions, same

pytestmark = pytest.mark.usefixtures("db")
HERE, THERE, ELSEWHERE = "350803", "350881", "350823"
ID = "350803199001010013"


@pytest.fixture
def pair(db):
    with use(whole_province("job", "test")):
        for county in (HERE, THERE):
            Person.objects.create(
                key=int(county) * 10**9 + 7, county=county, place=place_number(county), name="林小春", id18=ID
            )
        Person.objects.create(key=int(ELSEWHERE) * 10**9 + 7, county=ELSEWHERE, place=place_number(ELSEWHERE))
        assert same.find(HERE) == 1
        assert same.find(THERE) == 0, "found again, it is the same pair"
        return SamePerson.objects.get(first=int(HERE) * 10**9 + 7)


@pytest.fixture
def office(user):
    def scope(region: str, name: str, role: str = "county_approver") -> Scope:
        who = user(name, role, region, name=name).pk
        return Scope(reach(region), role, "test", who, capabilities=frozenset({"registry.approve"}))

    return scope


def links() -> list[int]:
    return [link.other for link in selectors.same(int(HERE) * 10**9 + 7)]


def test_it_takes_two_people_and_both_counties(pair, office):
    with use(office(HERE, "甲")):
        same.say(pair, "same", "证号姓名都相同")
        assert links() == []
        with pytest.raises(decisions.Refused):
            same.say(pair, "same", "再说一次")
    with use(office(HERE, "甲二")):
        same.say(pair, "same", "本县另一人也说是")
        assert links() == [], "two voices of one county are not the other's"
    with use(office(THERE, "乙")):
        same.say(pair, "same", "已与本人核实")
    with use(office(HERE, "丙")):
        assert links() == [pair.second]
        assert selectors.person(pair.first).links[0].county == "漳平市"


def test_what_is_settled_has_a_list_of_its_own(pair, office, client_as):
    with use(office(HERE, "甲")):
        same.say(pair, "same", "证号姓名都相同")
        assert list(selectors.pairs(False)) == [pair]
    client = client_as("county_approver", HERE)
    assert client.get(reverse("registry-same")).content.decode().count("reg-candidates") == 1
    assert "reg-candidates" not in client.get(reverse("registry-same"), {"settled": "1"}).content.decode()
    with use(office(THERE, "乙")):
        same.say(pair, "same", "已与本人核实")
        assert list(selectors.pairs(True)) == [pair] and not selectors.pairs(False).exists()
    assert "reg-candidates" not in client.get(reverse("registry-same")).content.decode()
    assert "已认定同一人" in client.get(reverse("registry-same"), {"settled": "1"}).content.decode()


def test_a_hat_lent_is_no_second_voice(pair, office):
    """Who lends a hat chooses who wears it: both are one voice, whoever speaks first."""
    first, deputy = office(HERE, "甲"), office(THERE, "代")
    in_their_place = replace(deputy, on_behalf_of=first.actor)
    with use(first):
        same.say(pair, "same", "证号姓名都相同")
    with use(in_their_place), pytest.raises(decisions.Refused, match="只算一人"):
        same.say(pair, "same", "代他再说一次")
    with use(first):
        same.withdraw(pair, "看错了一位")
    with use(in_their_place):
        same.say(pair, "same", "这次由代理人先说")
    with use(first), pytest.raises(decisions.Refused, match="只算一人"):
        same.say(pair, "same", "本人回来再说一次")
    with use(office(HERE, "丙")):
        same.say(pair, "same", "另一人核实过")
        assert links() == [pair.second]


def test_one_says_different(pair, office):
    with use(office(HERE, "甲")):
        same.say(pair, "same", "证号姓名都相同")
    with use(office(THERE, "乙")):
        same.say(pair, "different", "本县的人一直在家")
    with use(office("3508", "市", "city_officer")):
        assert links() == []


def test_the_city_may_be_the_second(pair, office):
    with use(office(HERE, "甲")):
        same.say(pair, "same", "证号姓名都相同")
    with use(office("3508", "市", "city_officer")):
        voice = same.say(pair, "same", "两县材料都看过")
        assert voice.place == place_number(THERE)
        assert links() == [pair.second]


def test_a_word_taken_back_ends_it(pair, office):
    first, second = office(HERE, "甲"), office(THERE, "乙")
    for scope in (first, second):
        with use(scope):
            same.say(pair, "same", "证号姓名都相同")
    with use(second):
        same.withdraw(pair, "看错了一位")
        with pytest.raises(decisions.Refused):
            same.withdraw(pair, "再撤一次")
    with use(first):
        assert links() == []
        assert SameVoice.objects.filter(pair=pair, undone_at=None).count() == 1


def test_a_third_county_neither_sees_nor_speaks(pair, office):
    with use(office(ELSEWHERE, "丁")):
        assert not SamePerson.objects.exists()
        with pytest.raises(decisions.Refused):
            same.say(pair, "same", "凑个热闹")


def test_the_page_says_what_is_needed(pair, client_as):
    client = client_as("county_approver", HERE)
    page = client.get(reverse("registry-same")).content.decode()
    assert "证号相同" in page and "待认定" in page and ID not in page and "由该县负责" in page
    url = reverse("registry-same-approve", args=[pair.pk])
    assert client.post(url, {"said": "same", "reason": ""}, follow=True).status_code == 200
    assert (
        "是同一人" in client.post(url, {"said": "same", "reason": "证件核对过"}, follow=True).content.decode()
    )
    assert client.post(url, {"said": "perhaps", "reason": "证件核对过"}).status_code == 404
    third = client_as("county_approver", ELSEWHERE)
    assert third.post(url, {"said": "same", "reason": "证件核对过"}).status_code == 404
    assert "没有跨县" in third.get(reverse("registry-same")).content.decode()
