"""Broken, lying and dangerous files through a real browser: all taken in, each told in words, nothing of them runs."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from chunfeng.apps.intake.models import Delivery, Extract, SentFile
from tests.apps.intake.conftest import HEADER, HOSTILE, everywhere, row, work
from tests.apps.intake.test_hostile import photo

pytestmark = pytest.mark.browser
COUNTY = "350803"
"""Not the sample's: what is handed in here stays for the whole session."""
PAYLOADS = (
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(2)>",
    '=HYPERLINK("http://outside.example","点我")',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "{{ request.user }}{% csrf_token %}",
    "林\u202e春\u2066",
)


def _csv() -> bytes:
    """Every payload in every column, its quotes doubled as a spreadsheet program would."""
    lines = []
    for number, payload in enumerate(PAYLOADS, start=1):
        quoted = '"' + payload.replace('"', '""') + '"'
        lines.append(",".join(row(number, name=quoted, phone=quoted, why=quoted, address=quoted)))
        lines.append(",".join(row(number, serial=quoted, id=quoted, day=quoted)))
    return ("\n".join([HEADER.replace("失业原因", "失业原因<b>x</b>"), *lines]) + "\n").encode()


def test_hostile_files_do_no_harm(visit, helpers, server):
    helpers.make_user("intake-hostile", "county_clerk", COUNTY, name="永定经办二")
    page = visit()
    ran: list[str] = []
    page.on("dialog", lambda dialog: (ran.append(dialog.message), dialog.dismiss()))
    page.on("pageerror", lambda error: ran.append(str(error)))
    page.on("console", lambda said: ran.append(said.text) if said.type == "error" else None)
    page.on("request", lambda asked: asked.url.startswith((server, "data:")) or ran.append(asked.url))
    helpers.sign_in(page, "intake-hostile")

    page.goto("/intake/send/")
    page.set_input_files("[name=files]", sorted(HOSTILE.iterdir()))
    made = [("<img src=x onerror=alert(3)>.csv", _csv()), ("名单照片.png", photo("PNG"))]
    page.set_input_files(
        "[name=files]", [{"name": n, "mimeType": "application/octet-stream", "buffer": b} for n, b in made]
    )
    sent = len(list(HOSTILE.iterdir())) + len(made)
    expect(page.locator(".cf-drop-list li")).to_have_count(sent)
    page.click("main form[enctype] button:has-text('报送')")
    page.wait_for_url("**/deliveries/*/")
    assert work() == sent
    page.reload()
    with everywhere():
        delivery = Delivery.objects.latest("pk")
        files = list(delivery.files.order_by("pk"))
        lists = list(Extract.objects.filter(delivery=delivery).values_list("pk", flat=True))
    waiting = {SentFile.State.WAITING, SentFile.State.READING}
    assert len(files) == sent and not waiting & {f.state for f in files}
    told = page.locator("main").inner_text()
    for words in ("设有打开密码", "疑似压缩炸弹", "文件是空的", "<img src=x onerror=alert(3)>.csv"):
        assert words in told
    expect(page.get_by_role("link", name="看照片")).to_have_count(1)
    for pk in lists:
        for tab in ("", "rows/", "issues/", "history/"):
            answer = page.goto(f"/intake/lists/{pk}/{tab}")
            assert answer.status == 200, (pk, tab)
    with everywhere():
        own = Extract.objects.get(delivery=delivery, source__contains="onerror")
    page.goto(f"/intake/lists/{own.pk}/rows/")
    shown = page.locator("main").inner_text()
    assert all(payload in shown for payload in PAYLOADS[:5])
    assert ran == []
