"""What a list may carry into the registry: markup, formulas, endless and empty texts; shown as they are, never run."""

from __future__ import annotations

import pytest
from django.urls import reverse

from chunfeng.apps.places.numbers import place_number
from chunfeng.apps.places.scope import current
from chunfeng.apps.registry.models import Claim, Correction, Doubt, Finding, Person, PersonFile

pytestmark = pytest.mark.usefixtures("db")
COUNTY = "350881"
PLACE = place_number(COUNTY)
PAYLOADS = {
    "script": "<script>alert(1)</script>",
    "attribute": "\"'><img src=x onerror=alert(1)>",
    "template": "{{ request }}{% csrf_token %}",
    "formula": '=HYPERLINK("http://x","点我")',
    "bidi": "林\u202e春\u2066",
}


@pytest.fixture
def hostile(scope_of, db):
    """Everything of one person that a list can write, made of a payload."""
    from chunfeng.apps.places.scope import use

    def make(payload: str, clerk) -> Person:
        with use(scope_of(COUNTY, actor=clerk.user.pk)):
            key = int(COUNTY) * 10**9 + 9
            person = Person.objects.create(
                key=key, county=COUNTY, place=PLACE, name=payload[:80], pinyin=payload[:80], initials=payload[:40],
                id18=payload, id18_mask=payload[:18], phone=payload, phone_mask=payload[:20], rows=1, doubts=1, findings=1,
                departments=[payload[:20]], hukou_region=payload[:12],
            )  # fmt: skip
            value = {
                "value": payload,
                "rank": 1,
                "kind": payload,
                "department": payload,
                "file": payload,
                "sheet": payload,
                "row": 1,
            }
            fields = ("name", "phone", "education", "hukou_address", "hukou_region", "birth")
            values = [value | {"field": f} for f in fields] + [
                value | {"field": "name", "rank": 2, "value": payload * 2}
            ]
            PersonFile.objects.create(
                person=person, place=PLACE, content={"values": values, "other_names": payload}
            )
            row = {"county": COUNTY, "place": PLACE, "file": payload, "sheet": payload[:120], "row": 3}
            person.claim = Claim.objects.create(
                person=person, kind=payload[:40], department=payload[:20], lane="id", **row
            )
            Finding.objects.create(
                person=person, county=COUNTY, place=PLACE, kind=payload[:40], rows=payload, message=payload
            )
            doubt = Doubt.objects.create(
                group=payload[:120], name=payload[:80], rank=1, person=person, score=1.0, ahead=0.5, why=f"{payload} +1.0",
                fingerprint="f" * 20, content={"name": payload, "phone": payload, "remark": payload, "home_address": payload},
                **row,
            )  # fmt: skip
            Correction.objects.create(
                person=person, county=COUNTY, place=PLACE, field="phone", value=payload, evidence=payload, reason=payload,
                by_id=current().actor,
            )  # fmt: skip
            person.doubt = doubt
        return person

    return make


@pytest.mark.parametrize("name", PAYLOADS)
def test_nothing_a_list_says_is_run(hostile, client_as, name):
    payload = PAYLOADS[name]
    clerk = client_as("county_clerk", COUNTY)
    person = hostile(payload, clerk)
    doubt = person.doubt.pk
    reason = payload if len(payload) >= 4 else f"{payload}理由"
    clerk.post(reverse("registry-ask", args=[doubt]), {"question": reason})
    clerk.post(
        reverse("registry-decide", args=[doubt]), {"row-" + "f" * 20: "none", "reason": reason, "seen": "0"}
    )
    pages = [
        reverse("registry"),
        reverse("registry-findings"),
        reverse("registry-review"),
        reverse("registry-review-group", args=[doubt]),
        reverse("registry-decisions"),
        reverse("registry-inquiries"),
        reverse("registry-rows", args=[person.pk]),
        reverse("registry-correct", args=[person.pk]),
        reverse("registry-row", args=[person.claim.pk]),
    ]
    for url in pages:
        answer = clerk.get(url, follow=True)
        text = answer.content.decode()
        assert answer.status_code == 200, url
        assert "<script>alert" not in text and "<img src=x" not in text, url
        assert 'csrfmiddlewaretoken" value="{{' not in text
    typed = clerk.post(reverse("registry"), {"q": payload}, follow=True).content.decode()
    assert "<script>alert" not in typed and "<img src=x" not in typed
    revealed = clerk.post(
        reverse("registry-reveal", args=[person.pk]), {"field": "phone", "reason": "核对电话"}
    )
    assert "<script>alert" not in revealed.content.decode()


def test_the_queue_shows_what_was_decided_to_whom_comes_late(hostile, client_as):
    """409, who decided what, and nothing kept of the second."""
    first, second = client_as("county_clerk", COUNTY), client_as("county_approver", COUNTY)
    person = hostile("林小春", first)
    url = reverse("registry-decide", args=[person.doubt.pk])
    row = "row-" + "f" * 20
    assert first.post(url, {row: str(person.pk), "reason": "已电话核实", "seen": "0"}).status_code == 302
    late = second.post(url, {row: "none", "reason": "村支书说不是", "seen": "0"})
    assert late.status_code == 409
    page = late.content.decode()
    assert "别人已经先办了" in page and "已电话核实" in page and "没有保存" in page
    listed = first.get(reverse("registry-decisions")).content.decode()
    assert listed.count("已电话核实") == 1 and "村支书说不是" not in listed


@pytest.mark.parametrize(
    "given", [{}, {"reason": "好"}, {"reason": "已电话核实"}, {"reason": "已电话核实", "row-x": "none"}]
)
def test_a_submission_that_lacks_something_is_told_so(hostile, client_as, given):
    clerk = client_as("county_clerk", COUNTY)
    person = hostile("林小春", clerk)
    answer = clerk.post(reverse("registry-decide", args=[person.doubt.pk]), given, follow=True)
    assert answer.status_code == 200 and "已判定" not in answer.content.decode()
    assert "还没有决定" in clerk.get(reverse("registry-decisions")).content.decode()


def test_roles_that_may_not_do_not(hostile, client_as):
    clerk = client_as("county_clerk", COUNTY)
    person = hostile("林小春", clerk)
    officer = client_as("employer_service_officer", COUNTY)
    assert officer.get(reverse("registry")).status_code == 200
    for name, args in (
        ("registry-review", []),
        ("registry-review-group", [person.doubt.pk]),
        ("registry-correct", [person.pk]),
    ):
        assert officer.get(reverse(name, args=args)).status_code == 403, name
    assert (
        officer.post(
            reverse("registry-reveal", args=[person.pk]), {"field": "phone", "reason": "看一看吧"}
        ).status_code
        == 403
    )
    assert client_as("publicity_officer", COUNTY).get(reverse("registry")).status_code == 403
