"""The desk's pages on the sample county: what they show, to whom, in how many queries, and what the audit keeps."""

from __future__ import annotations

import re

import polars as pl
import pytest
from django.test import Client
from django.utils.translation import override

from chunfeng.apps.accounts import totp
from chunfeng.apps.desk import explanations
from chunfeng.apps.places.scope import use
from chunfeng.apps.recognition.models import Recognition
from chunfeng.apps.registry.models import Person
from tests.apps.audited import events

pytestmark = pytest.mark.usefixtures("sample", "db")
LIANCHENG = "350825"


@pytest.fixture
def signed_in(sample):
    """signed_in(role) → a client as the sample's user in that role; the second factor counts as given."""

    def client(role: str) -> Client:
        found = Client(raise_request_exception=False)
        found.force_login(sample.users[role], backend="django.contrib.auth.backends.ModelBackend")
        session = found.session
        session["second_factor"] = totp.mark(sample.users[role])
        session.save()
        return found

    return client


@pytest.fixture
def key(sample) -> int:
    """Somebody with an answer yes, one unknown, entitlements and recommended jobs."""
    said = pl.read_csv(sample.out / "recognition.csv", infer_schema=False)
    wanted = set(said.filter(pl.col("answer") == "yes")["person"])
    wanted &= set(said.filter(pl.col("answer") == "unknown")["person"])
    offered = pl.read_csv(sample.out / "recommendations.csv", infer_schema=False)
    wanted &= set(offered.filter(pl.col("vacancy").is_not_null())["person"])
    return int(LIANCHENG) * 10**9 + int(min(wanted)[1:])


def shown(answer) -> str:
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_a_person_is_seen_whole(signed_in, sample, key, scope_of):
    page = shown(signed_in("county_clerk").get(f"/persons/{key}/"))
    with use(scope_of(LIANCHENG)):
        person = Person.objects.get(pk=key)
        rights = list(Recognition.objects.filter(person=person))
        jobs = list(person.recommendations.exclude(vacancy=""))
    assert person.name in page
    assert person.id18_mask in page and person.id18 not in page
    assert person.phone is None or person.phone not in page
    for right in rights:
        assert f'id="right-{right.category}"' in page
        assert right.rule_version.partition(" ")[2] in page  # 文号
        if right.answer == "unknown":
            assert all(part in page for part in right.missing.split("；"))
    assert jobs and page.count("cf-pay") >= 1
    order = [page.index(f'id="{part}"') for part in ("todo", "rights", "jobs", "record", "household")]
    assert order == sorted(order)  # what must be done comes first


def test_one_view_is_one_line_in_the_audit(signed_in, key):
    client = signed_in("county_clerk")
    before = len(events())
    client.get(f"/persons/{key}/")
    (event,) = events()[before:]
    assert (event.action, event.kind, event.person) == ("view", "person", str(key))
    assert "看一人一档" in event.purpose
    page = shown(client.get(f"/persons/{key}/history/"))
    assert "看一人一档" in page


@pytest.mark.parametrize("part", ["", "rows/", "history/", "why/A1/"])
@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("neighbour", 404),
        ("county_clerk", 200),
        ("city_officer", 200),
        ("province_officer", 200),
        ("partner", 403),
        ("worker", 403),
        ("employer", 403),
        ("auditor", 403),
    ],
)
def test_who_sees_a_person(signed_in, key, part, role, status):
    assert signed_in(role).get(f"/persons/{key}/{part}").status_code == status


def test_strangers_are_asked_to_sign_in(key):
    answer = Client().get(f"/persons/{key}/")
    assert answer.status_code == 302 and "/signin/" in answer["Location"]


def test_a_village_sees_its_own_and_no_other(signed_in, sample, scope_of):
    client = signed_in("village_worker")
    with use(scope_of(LIANCHENG)):
        village = sample.users["village_worker"].memberships.get().region
        low, high = village.reach
        own = Person.objects.filter(place__gte=low, place__lt=high).first()
        other = Person.objects.filter(place__gte=high, hukou_place__gte=high, stay_place__gte=high).first()
    assert client.get(f"/persons/{own.pk}/").status_code == 200
    assert client.get(f"/persons/{other.pk}/").status_code == 404
    assert client.get(f"/overview/{village.pk}/").status_code == 200
    assert client.get(f"/overview/{LIANCHENG}/").status_code == 404


def test_pages_of_a_person_take_a_bounded_number_of_queries(signed_in, key, at_most):
    client = signed_in("county_clerk")
    client.get(f"/persons/{key}/")  # what is cached once
    around = 9  # session, user, hats, scope, campaign: paid by every page
    for part, queries in (("", 16), ("rows/", 8), ("history/", 16)):
        with at_most(around + queries):
            shown(client.get(f"/persons/{key}/{part}"))


def test_why_is_told_for_every_answer_as_it_was_given(sample, scope_of):
    """The tree told afterwards ends in the answer that the run wrote down, whatever the category."""
    with use(scope_of(LIANCHENG)):
        seen = 0
        for answer in ("yes", "unknown", "no"):
            for said in (
                Recognition.objects.filter(answer=answer)
                .select_related("person")
                .order_by("category", "pk")
                .distinct("category")
            ):
                told = explanations.explanation(said.person, said.category)
                assert told.why.answer == said.answer
                assert told.why.document and told.nodes
                seen += 1
        assert seen > 20


def test_why_works_with_and_without_scripts(signed_in, key, scope_of):
    with use(scope_of(LIANCHENG)):
        rule = Recognition.objects.filter(person=key, answer="unknown").first().category
    client = signed_in("county_clerk")
    page = shown(client.get(f"/persons/{key}/"))
    assert f'href="/persons/{key}/why/{rule}/"' in page
    whole = shown(client.get(f"/persons/{key}/why/{rule}/"))
    assert "<html" in whole and "cf-tree" in whole
    part = shown(client.get(f"/persons/{key}/why/{rule}/", headers={"HX-Request": "true"}))
    assert "<html" not in part and "cf-tree" in part
    assert "暂不能逐条说明" in shown(client.get(f"/persons/{key}/why/Z9/"))


def test_members_of_the_household_are_called_by_name(scope_of):
    with use(scope_of(LIANCHENG)):
        for said in Recognition.objects.filter(category="A7", answer="unknown").select_related("person"):
            told = explanations.explanation(said.person, "A7")
            assert not re.search(r"P\d{9}", told.short)


def test_a_tree_keeps_every_line():
    lines = ("？ 甲［A-1］", "　✓ 乙", "　　✓ 丙：是（名单，第3行；说明（附））", "　✗ 丁", "？ 戊")
    nodes = explanations.tree(lines)
    assert [node["text"] for node in nodes] == ["甲［A-1］", "戊"]
    assert [node["text"] for node in nodes[0]["children"]] == ["乙", "丁"]
    leaf = nodes[0]["children"][0]["children"][0]
    assert (leaf["answer"], leaf["text"], leaf["source"]) == ("yes", "丙：是", "名单，第3行；说明（附）")
    assert (nodes[0]["answer"], nodes[0]["open"], nodes[0]["children"][1]["answer"]) == (
        "unknown",
        True,
        "no",
    )


OVERVIEWS = [
    "village_worker",
    "town_officer",
    "county_clerk",
    "county_approver",
    "city_officer",
    "province_officer",
]


@pytest.mark.parametrize("role", OVERVIEWS)
def test_home_shows_the_office_its_figures(signed_in, role, at_most):
    client = signed_in(role)
    client.get("/")
    with at_most(9 + 16):
        page = shown(client.get("/"))
    assert "2023年春风行动暨就业援助月专场招聘" in page  # the name that fairs must bear
    assert "从找到到办成" in page and "数据基准日 2023-01-15" in page
    assert ('data-map="counties-data"' in page) == (role in ("city_officer", "province_officer"))


def test_home_of_others(signed_in):
    assert "低保对象名单" in shown(signed_in("partner").get("/"))
    assert "审计" in shown(signed_in("auditor").get("/"))
    assert signed_in("employer").get("/")["Location"] == "/employer/"
    assert signed_in("worker").get("/")["Location"] == "/me/"


def test_figures_open_their_lists(signed_in, scope_of):
    client = signed_in("county_clerk")
    page = shown(client.get("/"))
    links = set(re.findall(r'href="(/lists/[^"]+)"', page))
    assert len(links) > 100
    for link in sorted(links)[::9]:
        answer = client.get(link, follow=True)
        assert answer.status_code == 200
    assert client.get("/lists/nothing/350825/").status_code == 404
    assert client.get("/lists/matched/350821/").status_code == 404
    assert client.get("/lists/recognised/350825/")["Location"] == "/registry/?yes=any&place=350825"


def test_a_list_goes_on_page_by_page(signed_in, scope_of, at_most):
    client = signed_in("county_clerk")
    seen: list[str] = []
    address = "/lists/seated/350825/"
    while address:
        page = shown(client.get(address))
        seen += re.findall(r'<th scope="row"><a href="/persons/(\d+)/"', page)
        onward = re.search(r'rel="next" href="([^"]+)"', page)
        address = f"/lists/seated/350825/{onward[1]}" if onward else ""
    with use(scope_of(LIANCHENG)):
        aboard = set(Person.objects.filter(seats__isnull=False).values_list("pk", flat=True))
    assert len(seen) == len(set(seen)) and {int(each) for each in seen} == aboard
    for town, queries in (("350825", 9 + 6), ("350825100", 9 + 6)):
        with at_most(queries):
            client.get(f"/lists/matched/{town}/")


def test_a_worker_sees_the_own_record_alone(signed_in, sample, key):
    worker = sample.users["worker"]
    client = signed_in("worker")
    assert "还没有对应到" in shown(client.get("/me/"))
    worker.person = str(key)
    worker.save()
    page = shown(client.get("/me/"))
    assert "我能享受什么" in page and "谁看过我的信息" in page
    assert events(person=str(key), action="view")[-1].actor == worker.pk
    assert client.get(f"/persons/{key}/").status_code == 403
    worker.person = "350825999999999"
    worker.save()
    assert "还没有对应到" in shown(client.get("/me/"))


def test_hostile_values_are_shown_as_text(signed_in, key, scope_of):
    evil = '<img src=x onerror="alert(1)">\'{{ 7 }}'
    with use(scope_of(LIANCHENG)):
        Person.objects.filter(pk=key).update(name=evil)
        Recognition.objects.filter(person=key).update(reason=evil, missing=evil, rule_version=f"v {evil}")
        Person.objects.get(pk=key).recommendations.update(reasons=f"{evil}：{evil} +1.0")
        Person.objects.get(pk=key).entitlements.update(reason=evil, amount=evil, missing=evil)
    client = signed_in("county_clerk")
    for part in ("", "rows/", "history/", "why/A1/"):
        page = shown(client.get(f"/persons/{key}/{part}"))
        assert "<img src=x" not in page and "&lt;img src=x" in page


def test_english_pages_stand(signed_in, key):
    client = signed_in("county_clerk")
    with override("en"):
        assert client.get("/", headers={"Accept-Language": "en"}).status_code == 200
        assert client.get(f"/persons/{key}/", headers={"Accept-Language": "en"}).status_code == 200
