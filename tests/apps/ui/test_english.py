"""The platform in English, in a real browser: every entry of the navigation, wide and narrow."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser
HAN = re.compile("[\u3400-\u9fff]+")
WORDS = "thead th, .side, .tabbar, .top-word, button:not(.menu-item), .cf-stat-label, .cf-card-head h2, .foot"
"""What is never data: headings of columns, navigation, buttons."""


@pytest.fixture
def english(visit: Callable[..., Any], helpers: Any, server: str) -> Callable[..., Any]:
    """english(user, width) → a page, signed in, switched to English by the menu."""

    def opened(username: str, width: int) -> Any:
        page = visit(width)
        helpers.sign_in(page, username)
        page.locator("summary.top-tool").last.click()
        page.get_by_role("button", name="English").click()
        page.locator("html[lang=en]").wait_for(state="attached")
        return page

    return opened


@pytest.mark.parametrize("width", [1280, 375])
@pytest.mark.parametrize("role", ["county_clerk", "partner", "worker"])
def test_pages_of_a_role(sample: Any, english: Callable[..., Any], role: str, width: int) -> None:
    page = english(sample.users[role].username, width)
    links = page.locator(".side a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    pages = [address for address in links if address.startswith("/")]  # the others move within the page
    assert pages
    for address in dict.fromkeys([*pages, "/hats/", "/password/"]):
        answer = page.goto(address)
        assert answer.status == 200, address
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        assert page.evaluate("document.documentElement.lang") == "en", address
        told = " ".join(page.locator(WORDS).all_inner_texts())
        assert HAN.findall(told) == [], address
