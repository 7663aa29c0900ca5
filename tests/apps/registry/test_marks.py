"""Marks: what lists of persons go by says the same as the persons' own arrays, whoever changed them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chunfeng.apps.places.numbers import place_number, reach
from chunfeng.apps.places.scope import use
from chunfeng.apps.registry import lists, marks
from chunfeng.apps.registry.models import CommonDepartment, Mark, Person

pytestmark = pytest.mark.usefixtures("db")
HERE, NEXT, CITY = "350821", "350823", "3508"
DAY = date(2023, 1, 15)


@pytest.fixture
def county(scope_of):
    with use(scope_of(HERE)):
        yield


def bring(county: str, people: list[dict[str, Any]], first: int = 0) -> list[int]:
    """Persons of a county by what is said of each; `at` is the village's number within the county."""
    made = [
        Person(
            key=int(county) * 10**9 + first + n,
            county=county,
            place=place_number(county) + said.pop("at", 0),
            name=f"人{n}",
            **said,
        )
        for n, said in enumerate(dict(each) for each in people)
    ]
    Person.objects.bulk_create(made)
    return [person.key for person in made]


def marked(county: str) -> set[tuple[int, int, str, str]]:
    return set(Mark.objects.filter(county=county).values_list("person_id", "place", "kind", "code"))


def said(county: str, few: set[str]) -> set[tuple[int, int, str, str]]:
    """What the marks must be, person by person."""
    wanted = set()
    for p in Person.objects.filter(county=county):
        told = [("yes", code) for code in (*p.categories, *("*" for _ in p.categories[:1]))]
        told += [("unknown", code) for code in (*p.open_categories, *("*" for _ in p.open_categories[:1]))]
        told += [("target", code) for code in p.targets]
        told += [("department", code) for code in p.departments if code in few]
        wanted |= {(p.key, p.place, kind, code) for kind, code in told}
    return wanted


def found(where: str = HERE, **wanted: str) -> list[int]:
    return [row.pk for row in lists.persons(wanted, reach(where), DAY).page().rows]


codes = st.lists(st.sampled_from(["A1", "A7", "C2"]), max_size=2, unique=True)
one = st.fixed_dictionaries(
    {
        "at": st.integers(0, 2),
        "categories": codes,
        "open_categories": codes,
        "targets": codes,
        "departments": st.lists(st.sampled_from(["公安", "司法", "残联"]), max_size=2, unique=True),
    }
)


@given(first=st.lists(one, max_size=6), then=st.lists(one, min_size=6, max_size=6))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_marks_are_what_the_persons_say_before_and_after_any_change(county, first, then):
    Person.objects.filter(county=HERE).delete()
    keys = bring(HERE, first)
    for changed in (False, True):
        if changed:
            for key, of in zip(keys, then, strict=False):
                Person.objects.filter(pk=key).update(
                    place=place_number(HERE) + of["at"], **{k: v for k, v in of.items() if k != "at"}
                )
        marks.refresh(HERE)
        known = [(p.place, d) for p in Person.objects.filter(county=HERE) for d in p.departments]
        few = {d for _, d in known if sum(d == other for _, other in known) * marks.FEW <= len(keys)}
        assert marked(HERE) == said(HERE, few)
        common = CommonDepartment.objects.filter(county=HERE).values_list("place", "code")
        assert sorted(common) == sorted({(place, d) for place, d in known if d not in few})
        assert marks.refresh(HERE) == {"mark.deleted": 0, "mark.changed": 0}


def test_a_department_becomes_common_and_rare_again(county):
    keys = bring(HERE, [{"departments": ["公安"]}] * 19 + [{"departments": ["公安", "司法"]}])
    marks.refresh(HERE)
    assert {code for *_, code in marked(HERE)} == {"司法"}
    assert [c.code for c in CommonDepartment.objects.all()] == ["公安"]
    Person.objects.filter(pk__in=keys[:5]).update(departments=["司法"])
    assert marks.refresh(HERE)["mark.deleted"] == 1
    assert set(CommonDepartment.objects.values_list("code", flat=True)) == {"公安", "司法"}
    assert set(found(department="司法")) == {*keys[:5], keys[-1]}


def test_a_department_that_knows_nobody_is_answered_by_marks_alone(county):
    bring(HERE, [{"departments": ["公安"], "at": 1}])
    marks.refresh(HERE)
    assert marks.is_marked("司法", reach(HERE))
    assert not marks.is_marked("公安", reach(HERE))
    nobody = lists.persons({"department": "司法"}, reach(HERE), DAY)
    assert nobody.query.model is Mark and not nobody.page().rows
    assert len(found(department="公安")) == 1


def test_common_in_one_county_rare_in_another_and_all_are_found(scope_of):
    keys = []
    for county, rare in ((HERE, 1), (NEXT, 15)):
        with use(scope_of(county)):
            keys += bring(county, [{"departments": ["残联"]}] * rare + [{"departments": ["公安"]}] * 15)[
                :rare
            ]
            marks.refresh(county)
    with use(scope_of(CITY)):
        assert found(CITY, department="残联") == keys
    with use(scope_of(HERE)):
        assert found(department="残联") == keys[:1]


def test_who_lives_elsewhere_is_listed_by_what_the_office_there_found(scope_of):
    home = place_number(HERE)
    with use(scope_of(NEXT)):
        away = bring(NEXT, [{"hukou_place": home, "categories": ["A1"]}, {"hukou_place": home}])
        marks.refresh(NEXT)
    with use(scope_of(HERE)):
        assert found(living="out") == away
        assert found(living="out", yes="A1") == found(living="out", yes="any") == away[:1]
        assert found(living="out", yes="A7") == found(living="out", target="A1") == []
