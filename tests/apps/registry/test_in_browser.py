"""The review queue in a real browser: by keyboard at a desk, by finger on a phone, by form without scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.vendor.axe import violations

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("county")]
SIZES = [(1280, 800), (375, 740)]


@pytest.fixture
def signed_in(visit, helpers):
    def opened(username: str = "registry-甲", width: int = 1280, height: int = 800, js: bool = True):
        page = visit(width, height, js=js)
        page.faults = []
        page.on("console", lambda told: told.type in ("error", "warning") and page.faults.append(told.text))
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        helpers.sign_in(page, username)
        return page

    return opened


def whole(page, width: int) -> None:
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.faults == []


def undo_all(page) -> None:
    while page.goto("/registry/decisions/") and page.locator("summary", has_text="撤销").count():
        page.locator("summary", has_text="撤销").first.click()
        form = page.locator("details[open] form").first
        form.locator("[name=reason]").fill("试验完毕，恢复")
        with page.expect_navigation():  # an earlier one may say 已撤销 already
            form.locator("button").click()
        page.get_by_text("已撤销").first.wait_for()


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_clerk_settles_rows_by_keyboard(signed_in, width, height):
    page = signed_in(width=width, height=height)
    page.goto("/registry/review/")
    whole(page, width)
    page.keyboard.press("b")
    page.wait_for_url("**/registry/review/*/")
    whole(page, width)
    page.fill("#reason", "已电话向本人核实")
    page.keyboard.press("Escape")
    page.locator("[data-row]").first.focus()
    first = page.locator("[data-row].is-current h2").inner_text()
    if page.locator("[data-row]").count() > 1:
        page.keyboard.press("j")
        assert (
            page.locator("[data-row].is-current h2").inner_text()
            == page.locator("[data-row] h2").nth(1).inner_text()
        )
        page.keyboard.press("k")
    page.keyboard.press("y")
    page.get_by_text("已判定 1 行").wait_for()
    page.goto("/registry/decisions/")
    expect(page.get_by_text(first).first).to_be_visible()
    expect(page.get_by_text("已电话向本人核实").first).to_be_visible()
    whole(page, width)
    undo_all(page)


def test_undo_and_skip_by_keyboard(signed_in):
    page = signed_in()
    page.goto("/registry/review/")
    page.keyboard.press("b")
    page.wait_for_url("**/registry/review/*/")
    page.fill("#reason", "村里已核实过")
    page.locator("[data-row]").first.focus()
    page.keyboard.press("n")
    page.get_by_text("已判定 1 行").wait_for()
    if page.locator("[data-key=u]").count():
        page.keyboard.press("u")
        page.get_by_text("已撤销").wait_for()
    undo_all(page)


def test_without_scripts_the_form_does_it(signed_in):
    page = signed_in(js=False)
    page.goto("/registry/review/")
    page.locator("tbody th a").first.click()
    page.wait_for_url("**/registry/review/*/")
    page.locator("input[type=radio][value=none]").first.check()
    page.fill("#reason", "比对两边资料")
    page.get_by_role("button", name="提交已选的行").click()
    expect(page.get_by_text("已判定 1 行")).to_be_visible()
    page.goto("/registry/decisions/")
    row = page.locator("tbody tr", has_text="比对两边资料").first
    row.locator("summary").click()
    row.locator("[name=reason]").fill("试验完毕，恢复")
    with page.expect_navigation():
        row.locator("form button").click()
    expect(page.get_by_text("已撤销").first).to_be_visible()


def test_two_clerks_see_each_other(signed_in):
    one, two = signed_in("registry-甲"), signed_in("registry-乙")
    one.goto("/registry/review/")
    one.locator("tbody th a").first.click()
    one.wait_for_url("**/registry/review/*/")
    two.goto(one.url)
    expect(two.get_by_text("别人正在判这一组")).to_be_visible()
    expect(two.get_by_text("经办甲").first).to_be_visible()
    expect(two.get_by_role("button", name="提交已选的行")).to_be_disabled()


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_search_list_rows_and_correction(signed_in, width, height):
    page = signed_in(width=width, height=height)
    page.goto("/registry/")
    whole(page, width)
    name = page.locator("tbody th a").first.inner_text()
    page.keyboard.press("/")
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    page.wait_for_url("**q=**")
    assert page.locator("tbody th a").first.inner_text() == name
    whole(page, width)
    key = page.locator("tbody th a").first.get_attribute("href").strip("/").split("/")[-1]
    for url in (
        f"/registry/persons/{key}/rows/",
        f"/registry/persons/{key}/correct/",
        "/registry/findings/",
        "/registry/same/",
    ):
        page.goto(url)
        whole(page, width)
    page.goto(f"/registry/persons/{key}/correct/")
    page.select_option("[name=field]", "phone")
    page.fill("[name=value]", "12")
    page.fill("[name=evidence]", "本人来电")
    page.fill("main [name=reason]", "号码换了")
    page.get_by_role("button", name="保存更正").click()
    expect(page.get_by_text("电话不对").first).to_be_visible()
