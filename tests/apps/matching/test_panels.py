"""The panel of vacancies and posts: the vacancy behind the row, the reasons part by part, and what is missing when it is."""

from __future__ import annotations

from datetime import date

import pytest

from chunfeng.apps.matching import panels
from chunfeng.apps.matching.models import Allocation, Recommendation, Vacancy, Waiting
from chunfeng.apps.places.numbers import place_number
from chunfeng.apps.places.scope import use
from chunfeng.apps.registry.models import Person

pytestmark = pytest.mark.usefixtures("db")
COUNTY, DAY = "350825", date(2023, 1, 15)
ROW = "08企业：甲-用工需求.xlsx:岗位:需求:133"


@pytest.fixture
def person(scope_of):
    with use(scope_of(COUNTY)):
        yield Person.objects.create(
            key=350825000000001, county=COUNTY, place=place_number(COUNTY), name="林小春"
        )


def mine(person, **fields):
    return {"county": COUNTY, "place": person.place, "person": person} | fields


@pytest.fixture
def vacancy(person):
    return Vacancy.objects.create(
        place=person.place, county=COUNTY, vacancy=ROW, employer="某鞋业", title="缝纫工", region="350825102",
        places=30, pay_low=3700, pay_high=5700, offers=["dorm", "dayshift"], work_type="full", lawful="yes",
    )  # fmt: skip


def test_nothing_is_no_panel(person):
    assert panels.panel(person, DAY) is None


def test_a_job_with_its_reasons(person, vacancy):
    reasons = "某鞋业 缝纫工：按名额统筹排在首位；正是所求职业 +40.0；文化程度待核实；夜班 -2.5"
    Recommendation.objects.create(**mine(person, rank=1, vacancy=ROW, score=78.2, reasons=reasons))
    panel = panels.panel(person, DAY)
    (job,) = panel["jobs"]
    assert (job.title, job.employer, job.pay) == ("缝纫工", "某鞋业", "3700–5700 元/月")
    assert job.place.endswith("姑田镇")
    assert job.terms == ("全职", "招 30 人", "包住", "白班")
    assert job.reasons == (
        ("按名额统筹排在首位", ""),
        ("正是所求职业", "+40.0"),
        ("文化程度待核实", ""),
        ("夜班", "-2.5"),
    )
    assert "第133行" in job.source.replace(" ", "") and "岗位:需求" in job.source
    assert [todo["anchor"] for todo in panel["todo"]] == ["jobs"]


def test_a_job_whose_list_is_gone_is_still_shown(person):
    Recommendation.objects.create(
        **mine(person, rank=1, vacancy="没了.xlsx:表:2", score=None, reasons="某厂 普工：就在本县 +16.2")
    )
    (job,) = panels.panel(person, DAY)["jobs"]
    assert (job.title, job.employer, job.pay, job.score) == ("某厂 普工", "", "", None)
    assert job.reasons == (("就在本县", "+16.2"),)


def test_who_fits_none_is_told_why(person):
    Recommendation.objects.create(
        **mine(person, rank=0, vacancy="", reasons="485个在招岗位没有合适的：工作地点不符485个")
    )
    panel = panels.panel(person, DAY)
    assert panel["jobs"] == [] and panel["none"] == ["485个在招岗位没有合适的：工作地点不符485个"]
    assert panel["todo"] == []


def test_a_post_given_comes_before_waiting(person):
    Waiting.objects.create(**mine(person, tier=2, reason="等"))
    assert panels.panel(person, DAY)["post"] == {"post": "", "tier": 2, "reason": "等", "source": ""}
    Allocation.objects.create(**mine(person, post="12台账.xlsx:在岗:88", tier=1, reason="第1类"))
    panel = panels.panel(person, DAY)
    assert (
        panel["post"]["post"] == "12台账.xlsx:在岗:88"
        and panel["post"]["source"] == "12台账.xlsx 在岗 第88行"
    )
    assert panel["todo"][0]["anchor"] == "public-post"


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [(None, None, ""), (4000, None, "4000"), (4000, 4000, "4000"), (3000, 5000, "3000–5000")],
)
def test_pay_as_the_list_has_it(low, high, told):
    assert panels.pay(Vacancy(pay_low=low, pay_high=high)) == (f"{told} 元/月" if told else "")


def test_next_door_sees_nothing(person, vacancy, scope_of):
    Recommendation.objects.create(**mine(person, rank=1, vacancy=ROW, reasons="甲：乙"))
    with use(scope_of("350821")):
        assert panels.panel(person, DAY) is None
        assert not Vacancy.objects.exists()
