"""The style page in a real browser: clean for axe, within the policy, usable by finger, by key and without scripts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.vendor.axe import violations

pytestmark = pytest.mark.browser
STYLE = "/ui/style/"
SIZES = [(375, 740), (1280, 800)]


@pytest.fixture
def faults() -> list[str]:
    return []


@pytest.fixture
def opened(visit: Callable[..., Any], faults: list[str]) -> Callable[..., Any]:
    """opened(width, height, path) → the page, its errors written down in `faults`."""

    def new(width: int = 1280, height: int = 800, path: str = STYLE, **kwargs: Any) -> Any:
        page = visit(width, height, **kwargs)
        page.on("console", lambda told: told.type in ("error", "warning") and faults.append(told.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(path)
        return page

    return new


def draw_all(page: Any) -> None:
    """Scroll to every figure and wait until it stands."""
    for box in page.locator("[data-library]").all():
        box.locator("xpath=..").scroll_into_view_if_needed()
        box.locator("xpath=self::*[@data-state]").wait_for(state="attached")
        assert box.get_attribute("data-state") == "drawn"


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_style_page_is_whole(
    opened: Callable[..., Any], faults: list[str], width: int, height: int
) -> None:
    page = opened(width, height)
    draw_all(page)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    expect(page.locator("[data-map] svg path").nth(84)).to_be_attached()
    assert not faults


@pytest.mark.parametrize("path", ["/nowhere/", "/signin/"])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_pages_without_navigation(opened: Callable[..., Any], path: str, width: int, height: int) -> None:
    page = opened(width, height, path)
    assert [
        v for v in violations(page) if path != "/signin/" or not v.startswith("page-has-heading-one")
    ] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_words_for_screen_readers_do_not_widen_the_page(opened: Callable[..., Any]) -> None:
    """What is hidden inside a wide table must scroll with it."""
    page = opened(375, 740)
    page.evaluate(
        """() => document.querySelectorAll(".cf-table table").forEach((table) => table.rows[0].append(
        ...Array.from({length: 30}, () => Object.assign(document.createElement("th"),
        {innerHTML: '一列<span class="visually-hidden">能看</span>'}))))"""
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= 375


def test_targets_are_large_enough_for_a_finger(opened: Callable[..., Any]) -> None:
    page = opened(375, 740)
    found = page.evaluate(
        """(controls) => [...document.querySelectorAll(controls)]
        .filter((e) => e.checkVisibility() && !e.matches(".cf-mask *"))
        .map((e) => [e.getBoundingClientRect(), e.outerHTML.slice(0, 120)])
        .map(([box, html]) => [box.width, box.height, html])""",
        "a.btn, button, select, input:not([type=hidden], [type=checkbox], [type=radio]), summary,"
        " .top-tool, .tabbar a, .cf-tabs a, .form-check",
    )
    small = [html for width, height, html in found if 0 < height < 47.5 or 0 < width < 44]
    assert len(found) > 20
    assert small == []


def test_large_text(opened: Callable[..., Any]) -> None:
    page = opened(375, 740)
    page.locator("summary.top-tool").last.click()
    page.get_by_role("button", name="大字版").click()
    page.locator("html.elder").wait_for(state="attached")
    assert page.evaluate("getComputedStyle(document.body).fontSize") == "22px"
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    assert violations(page) == []


def test_keys_and_dialogs(opened: Callable[..., Any], faults: list[str]) -> None:
    page = opened()
    page.keyboard.press("?")
    listed = page.locator("#shortcuts")
    expect(listed).to_be_visible()
    expect(listed).to_contain_text("新建")
    assert violations(page, "#shortcuts") == []
    page.keyboard.press("Escape")
    expect(listed).to_be_hidden()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "f-q"
    page.keyboard.type("?")
    expect(listed).to_be_hidden()
    page.get_by_role("button", name="登记联系").click()
    expect(page.locator("#contact")).to_be_visible()
    page.locator("#contact").get_by_role("button", name="关闭").click()
    expect(page.locator("#contact")).to_be_hidden()
    assert not faults


def test_a_masked_value_is_shown_after_a_reason(opened: Callable[..., Any], faults: list[str]) -> None:
    page = opened()
    page.locator(".cf-mask summary").click()
    page.locator(".cf-mask select").select_option("contact")
    page.get_by_role("button", name="记录并查看").click()
    page.get_by_text("350825200001010042").wait_for()
    expect(page.locator(".cf-mask")).to_have_count(0)
    assert not faults


def test_progress_goes_on_by_itself(opened: Callable[..., Any], faults: list[str]) -> None:
    page = opened()
    page.locator("#sample-progress").get_by_text("已读 40000 行").wait_for()
    assert page.locator("#sample-progress-bar").get_attribute("value") == "40000"
    assert not faults


def test_files_are_listed_and_can_be_taken_back(opened: Callable[..., Any]) -> None:
    page = opened()
    given = [
        {"name": f"<b>名单{i}</b>.csv", "mimeType": "text/csv", "buffer": b"x" * 1500 * i} for i in (1, 2)
    ]
    page.locator("#files input, input#files").first.set_input_files(given)
    rows = page.locator(".cf-drop-list li")
    expect(rows).to_have_count(2)
    assert "<b>名单1</b>.csv" in rows.first.inner_text()
    rows.first.get_by_role("button").click()
    expect(rows).to_have_count(1)
    assert page.evaluate("document.querySelector('input[type=file]').files.length") == 1
    more = [{"name": "名单3.csv", "mimeType": "text/csv", "buffer": b"y"}]
    page.locator("#files input, input#files").first.set_input_files(more)
    assert [row.split()[0] for row in rows.all_inner_texts()] == ["<b>名单2</b>.csv", "名单3.csv"]
    assert page.evaluate("document.querySelector('input[type=file]').files.length") == 2


def test_changes_are_not_lost_unasked(opened: Callable[..., Any]) -> None:
    page = opened()
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.locator("input[type=file]").set_input_files(
        [{"name": "a.csv", "mimeType": "text/csv", "buffer": b"a"}]
    )
    page.locator("h1").click()  # a browser asks only after the reader has touched the page
    page.reload()
    assert asked == ["beforeunload"]


def test_it_can_be_read_and_filled_in_without_scripts(opened: Callable[..., Any]) -> None:
    page = opened(375, 740, js=False)
    expect(page.locator(".cf-drawing").first).to_be_hidden()
    expect(page.locator("figure table").first).to_be_visible()
    page.locator(".tabbar a", has_text="更多").click()
    expect(page.locator("#menu")).to_be_visible()
    page.locator("#menu").get_by_text("收起").click()
    expect(page.locator("#menu")).to_be_hidden()
    page.get_by_role("button", name="登记联系").click()
    expect(page.locator("#contact textarea")).to_be_visible()
    page.locator(".cf-mask summary").click()
    page.locator(".cf-mask select").select_option("verify")
    page.get_by_role("button", name="记录并查看").click()
    expect(page.get_by_text("350825200001010042")).to_be_visible()


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_what_a_list_is_filtered_by_stands_below_the_filter(
    opened: Callable[..., Any], width: int, height: int
) -> None:
    """On a phone the list is not a screen of filters away."""
    page = opened(width, height, f"{STYLE}?q=x")
    bar = page.locator("details[data-filter]").first
    expect(bar.locator("form")).to_be_visible(visible=width > 768)
    expect(page.locator(".cf-chosen").first).to_be_visible()


def test_paper_shows_content_alone(opened: Callable[..., Any]) -> None:
    page = opened()
    page.emulate_media(media="print")
    for hidden in (".top", ".side", ".cf-filter", ".cf-pager a", ".cf-tabs"):
        expect(page.locator(hidden).first).to_be_hidden()
    expect(page.locator(".cf-pager .on-paper")).to_be_visible()
    expect(page.locator(".cf-table table").first).to_be_visible()


def sign_in(page: Any, name: str, password: str) -> None:
    """Sign in and come to the style page."""
    page.goto(f"/signin/?next={STYLE}")
    page.fill("[name=username]", name)
    page.fill("[name=password]", password)
    page.click("main button[type=submit]")
    page.wait_for_url(f"**{STYLE}")


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_bar_of_a_signed_in_reader(
    visit: Callable[..., Any], helpers: Any, faults: list[str], width: int, height: int
) -> None:
    helpers.make_user("bar", "county_clerk", "350825", name="罗永福")
    page = visit(width, height)
    sign_in(page, "bar", helpers.password)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for menu in page.locator(".top details.menu").all():
        menu.locator("summary").click()
        box = menu.locator(".menu-body").bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= width
        assert violations(page, ".top") == []
        page.keyboard.press("Escape")
        expect(menu.locator(".menu-body")).to_be_hidden()
    page.locator(".top").get_by_role("button", name="退出").click()
    page.wait_for_url("**/signin/**")


@pytest.fixture
def two_campaigns(platform: Any) -> Iterator[None]:
    """A second campaign, which puts the switch between them into the bar."""
    from chunfeng.apps.campaigns.models import Campaign
    from chunfeng.apps.places.scope import use, whole_province

    with use(whole_province("test", "test")):
        second = Campaign.objects.get(code="2023")
        second.pk, second.code = None, "2024-bar"
        second.save()
    yield
    with use(whole_province("test", "test")):
        Campaign.objects.filter(code="2024-bar").delete()


@pytest.mark.usefixtures("two_campaigns")
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_bar_of_two_campaigns_on_a_phone(visit: Callable[..., Any], helpers: Any, language: str) -> None:
    """Nothing in it lies over anything else, in large letters either."""
    helpers.make_user("bar", "county_clerk", "350825", name="罗永福")
    page = visit(375, 740)
    sign_in(page, "bar", helpers.password)
    for name, value in (("language", language), ("display", "normal"), ("display", "elder")):
        page.locator("summary.top-tool").last.click()
        with page.expect_navigation():
            page.locator(f"button[name={name}][value={value}]").click()
        expect(page.locator("details.top-campaign")).to_be_visible()
        assert violations(page, ".top") == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 375


def test_a_request_after_the_session_has_ended_leads_to_the_sign_in(
    visit: Callable[..., Any], helpers: Any
) -> None:
    helpers.make_user("ended", "county_clerk", "350825", name="罗永福")
    page = visit()
    sign_in(page, "ended", helpers.password)
    page.context.clear_cookies()
    page.evaluate("() => htmx.ajax('POST', '/hat/', '#sample-progress')")
    page.wait_for_url("**/signin/?next=%2Fui%2Fstyle%2F")


def test_whoever_types_is_not_signed_out_for_idleness(visit: Callable[..., Any], helpers: Any) -> None:
    helpers.make_user("typing", "county_clerk", "350825", name="罗永福")
    page = visit()
    page.clock.install()
    sign_in(page, "typing", helpers.password)
    asked: list[str] = []
    page.on("request", lambda request: request.method == "HEAD" and asked.append(request.url))
    field = page.locator("form.narrow input[type=text]").first
    field.fill("罗")
    page.clock.fast_forward("06:00")
    with page.expect_response(lambda answer: answer.request.method == "HEAD") as told:
        field.fill("罗永福")
    assert told.value.ok and told.value.url.endswith("/signin/ended/")
    field.fill("罗")
    assert len(asked) == 1


def test_the_navigation_of_a_phone_keeps_the_place(opened: Callable[..., Any]) -> None:
    page = opened(375, 740)
    page.locator("#people").scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    page.locator(".tabbar a", has_text="更多").click()
    expect(page.locator("#menu")).to_be_visible()
    assert violations(page, "#menu") == []
    assert page.evaluate("document.activeElement.className") == "side-link"
    page.keyboard.press("Escape")
    expect(page.locator("#menu")).to_be_hidden()
    assert page.evaluate("scrollY") == before
