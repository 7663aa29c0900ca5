"""A clerk's way in a real browser: send, confirm columns, put a cell right, accept; wide, narrow and without scripts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from chunfeng.apps.intake.models import Delivery, Extract, Run
from tests.apps.intake.conftest import HEADER, citizen_id, everywhere, row, work
from tests.vendor.axe import violations

pytestmark = pytest.mark.browser
COUNTY = "350803"
"""Not the sample's: what is handed in here stays for the whole session."""
WAYS = {"desk": (1280, True), "phone": (375, True), "plain": (1280, False)}
SHORT = "3508031990010101"


@pytest.fixture(autouse=True)
def nothing_waits(platform):
    yield
    with everywhere():
        Run.objects.filter(place=int(COUNTY) * 10**6, state=Run.State.WAITING).update(state=Run.State.FAILED)


@pytest.fixture
def sent(tmp_path: Path, request) -> Path:
    number = list(WAYS).index(request.node.callspec.params["way"]) * 100
    home = "福建省龙岩市永定区凤城街道"
    people = [row(n, id=citizen_id(n, COUNTY), address=home, why=f"辞退{number}") for n in range(1, 60)]
    people.append(row(90, id=SHORT, name="<b>林小春</b>", address=f'"{home}\n西街村 12 号"'))
    path = tmp_path / f"失业登记花名册{number}.csv"
    path.write_text("\n".join([HEADER, *map(",".join, people)]) + "\n", encoding="utf-8")
    return path


def shot(page, name: str) -> None:
    """A screenshot, where a folder for them is named."""
    if folder := os.environ.get("CHUNFENG_SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.mark.parametrize("way", WAYS)
def test_from_file_to_accepted(way, visit, helpers, sent):
    width, js = WAYS[way]
    helpers.make_user("intake-clerk", "county_clerk", COUNTY, name="永定经办")
    page = visit(width=width, js=js)
    helpers.sign_in(page, "intake-clerk")

    faults: list[str] = []

    def look(name: str) -> None:
        shot(page, f"{way}-{name}")
        if js:
            faults.extend(f"{name}: {fault}" for fault in violations(page))
            if page.evaluate("document.documentElement.scrollWidth") > width:
                faults.append(f"{name}: wider than the screen")

    page.goto("/intake/send/")
    page.set_input_files("[name=files]", sent)
    page.fill("[name=as_of]", "2023-01-10")
    look("send")
    page.click("main form[enctype] button:has-text('报送')")
    page.wait_for_url("**/deliveries/*/")
    expect(page.locator("#delivery-progress")).to_be_visible()
    look("reading")
    assert work() == 1
    if not js:
        page.reload()
    page.get_by_text("1 份名单可以接收").wait_for()
    look("delivery")
    with everywhere():
        extract = Extract.objects.get(delivery=Delivery.objects.latest("pk"))

    page.get_by_role("link", name="整个文件").click()
    page.get_by_text("自动判定").or_(page.get_by_text("沿用")).first.wait_for()
    look("columns")
    page.select_option("[name=c5]", "")
    page.click("button:has-text('确认表类和列')")
    page.get_by_text("已记住").wait_for()
    assert work() == 1
    page.goto(f"/intake/lists/{extract.pk}/rows/")
    expect(page.locator("tbody tr")).to_have_count(50)
    look("rows")
    page.goto(f"/intake/lists/{extract.pk}/issues/?rank=0")
    page.locator("td", has_text="位数不足").first.wait_for()
    look("issues")
    page.locator("tbody th a").first.click()
    page.fill("[name=c2]", citizen_id(7, COUNTY))
    look("row")
    page.click("button:has-text('保存并核对')")
    page.get_by_text("重新核对").first.wait_for()
    expect(page.get_by_text("位数不足")).to_have_count(0)
    look("row-again")
    assert work() == 1
    page.goto(f"/intake/lists/{extract.pk}/")
    page.locator("main form[action$='/accept/'] button").first.click()
    page.get_by_text("已接收").first.wait_for()
    look("accepted")
    for name, address in (
        ("board", "/intake/deliveries/"),
        ("current", "/intake/current/"),
        ("runs", "/intake/runs/"),
        ("history", f"/intake/lists/{extract.pk}/history/"),
    ):
        page.goto(address)
        look(name)
    with everywhere():
        extract.refresh_from_db()
        assert extract.state == Extract.State.ACCEPTED
    assert faults == []
