"""From the overview to one person's reasons in a real browser, at a desk and on a phone, with and without scripts."""

from __future__ import annotations

import re

import polars as pl
import pytest
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import expect

from chunfeng.apps.accounts import totp
from chunfeng.apps.places.models import Organisation
from chunfeng.apps.places.scope import use
from tests.vendor.axe import violations

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("sample")]
SIZES = [(1280, 800), (375, 740)]
SECOND_FACTOR = ("province_officer", "city_officer")


@pytest.fixture
def open_key(sample) -> int:
    """Somebody of whom one category cannot be told yet, with recommended jobs."""
    said = pl.read_csv(sample.out / "recognition.csv", infer_schema=False)
    jobs = pl.read_csv(sample.out / "recommendations.csv", infer_schema=False)
    unknown = set(said.filter(pl.col("answer") == "unknown")["person"])
    return 350825 * 10**9 + int(min(unknown & set(jobs.drop_nulls("vacancy")["person"]))[1:])


@pytest.fixture
def desk(visit, helpers, sample):
    """desk(role, width, height, js) → a page signed in as the sample's user in that role; faults are kept on it."""

    def opened(role: str, width: int = 1280, height: int = 800, js: bool = True):
        page = visit(width, height, js=js)
        page.faults = []
        page.on("console", lambda told: told.type in ("error", "warning") and page.faults.append(told.text))
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        helpers.sign_in(page, f"sample-{role}")
        if role in SECOND_FACTOR:  # asking for it is another room's matter
            cookie = next(each for each in page.context.cookies() if each["name"] == "sessionid")
            session = SessionStore(cookie["value"])
            session["second_factor"] = totp.mark(sample.users[role])
            session.save()
        return page

    return opened


def whole(page, width: int) -> None:
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.faults == []


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_from_the_overview_to_a_persons_reasons(desk, open_key, width, height):
    page = desk("county_clerk", width, height)
    page.goto("/")
    expect(page.get_by_text("2023年春风行动暨就业援助月专场招聘")).to_be_visible()
    page.locator("[data-chart=funnel-data]").scroll_into_view_if_needed()
    page.locator("[data-chart=funnel-data][data-state=drawn] svg").wait_for()
    whole(page, width)
    # a figure opens its list
    page.locator(".cf-stat a", has_text="已推荐岗位的人员").click()
    page.wait_for_url("**/lists/matched/350825/")
    whole(page, width)
    page.locator("tbody th a").first.click()
    page.wait_for_url(re.compile(r"/persons/\d+/$"))
    # one with an open question
    page.goto(f"/persons/{open_key}/")
    whole(page, width)
    page.locator("#todo a", has_text="补齐材料").first.click()
    right = page.locator(".cf-right:target")
    right.locator("summary", has_text="为什么").click()
    right.locator(".cf-tree").wait_for()
    expect(right.locator(".cf-badge-unknown").nth(1)).to_be_attached()
    whole(page, width)
    for tab in ("名单里的行", "经过和查看记录"):
        page.locator(".cf-tabs a", has_text=tab).click()
        page.wait_for_load_state()
        whole(page, width)
    expect(page.locator(".cf-timeline").first.get_by_text("看一人一档").first).to_be_visible()


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_province_drills_down_from_the_map(desk, width, height):
    page = desk("province_officer", width, height)
    page.goto("/")
    box = page.locator("[data-map=counties-data]")
    box.scroll_into_view_if_needed()
    page.locator("[data-map=counties-data][data-state=drawn] svg path").first.wait_for()
    whole(page, width)
    page.locator("#places a", has_text="连城县").first.click()
    page.wait_for_url("**/overview/350825/**")
    page.locator("tbody th a", has_text="莲峰镇").first.click()
    page.wait_for_url("**/overview/350825100/**")
    whole(page, width)
    page.locator(".breadcrumbs a", has_text="龙岩市").click()
    page.wait_for_url("**/overview/3508/**")
    page.locator(".breadcrumbs a", has_text="福建省").click()
    page.wait_for_url("**/overview/35/**")


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_pages_of_campaigns_are_whole(desk, width, height):
    page = desk("county_approver", width, height)
    for address in (
        "/campaigns/",
        "/campaigns/2023/",
        "/campaigns/2023/targets/",
        "/campaigns/new/?from=2023",
    ):
        page.goto(address)
        whole(page, width)


@pytest.mark.parametrize("role", ["partner", "auditor", "employer", "worker", "village_worker"])
def test_every_home_is_whole_on_a_phone(desk, role):
    page = desk(role, 375, 740)
    page.goto("/")
    whole(page, 375)


@pytest.fixture
def known_employer(sample, scope_of):
    """The sample's employer is one that has vacancies, one of them unlawful, for as long as a test looks."""
    rows = [pl.read_csv(sample.out / f"{name}.csv", infer_schema=False) for name in ("posts", "employers")]
    found = rows[0].join(rows[1].select("file", "sheet", "row", "employer"), on=["file", "sheet", "row"])
    code = found.filter((pl.col("lawful") == "no") & (pl.col("employer").str.len_chars() == 18))["employer"][
        0
    ]
    mine = list(
        Organisation.objects.filter(memberships__user=sample.users["employer"]).values_list("pk", flat=True)
    )
    with use(scope_of("35")):
        Organisation.objects.filter(pk__in=mine).update(credit_code=code)
    yield code
    with use(scope_of("35")):
        Organisation.objects.filter(pk__in=mine).update(credit_code="")


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_an_employers_own_page_is_whole(desk, known_employer, width, height):
    page = desk("employer", width, height)
    page.goto("/")
    page.wait_for_url("**/employer/")
    expect(page.locator("#openings .cf-badge").first).to_be_visible()
    whole(page, width)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_pages_of_roles_are_whole(desk, width, height):
    page = desk("province_officer", width, height)
    for address in ("/roles/", "/roles/new/"):
        page.goto(address)
        whole(page, width)


def test_reasons_are_there_without_scripts(desk, open_key):
    page = desk("county_clerk", js=False)
    page.goto(f"/persons/{open_key}/")
    right = page.locator(".cf-right", has=page.locator(".cf-badge-unknown")).first
    right.locator("summary", has_text="为什么").click()
    right.locator(".cf-why-body a").click()
    expect(page.locator(".cf-tree")).to_be_visible()
    page.goto("/")
    expect(page.locator("table", has_text="四清的人员").first).to_be_visible()


def test_paper_has_the_person_and_no_buttons(desk, open_key):
    page = desk("county_clerk")
    page.goto(f"/persons/{open_key}/")
    page.emulate_media(media="print")
    expect(page.locator("#record")).to_be_visible()
    expect(page.locator("#rights")).to_be_visible()
    for hidden in (".side", ".top-tools", ".cf-tabs", ".cf-why > summary"):
        expect(page.locator(hidden).first).to_be_hidden()
