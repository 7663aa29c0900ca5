"""Signing in with a real browser: a worker by phone, an officer with a second factor, a manager making a user."""

from __future__ import annotations

import re
import secrets

import pyotp
import pytest
from playwright.sync_api import expect

from chunfeng.apps.accounts.models import OutboxMessage, SignInCode, User
from tests.vendor.axe import violations

pytestmark = pytest.mark.browser


def clean(page):
    assert violations(page) == []
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


@pytest.mark.parametrize(("width", "js"), [(375, False), (1280, True)])
def test_a_worker_signs_in_by_phone(visit, helpers, width, js):
    phone = f"139{secrets.randbelow(10**8):08d}"
    helpers.make_user(f"worker-{phone}", "worker", phone=phone, person="350825000000001")
    page = visit(width=width, js=js)
    page.goto("/signin/")
    page.get_by_role("link", name="劳动者用手机验证码登录").click()
    page.get_by_label("手机号").fill(phone)
    page.get_by_role("button", name="发送验证码").click()
    page.wait_for_url("**/signin/code/")
    if js:
        clean(page)
    code = re.search(
        r"\d{6}", OutboxMessage.objects.filter(user__username=f"worker-{phone}").latest("pk").text
    )
    page.get_by_label("验证码").fill(code.group())
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url(lambda url: "/signin" not in url)
    expect(page.get_by_role("button", name="退出")).to_be_visible()
    OutboxMessage.objects.filter(user__username=f"worker-{phone}").delete()
    SignInCode.objects.all().delete()


def test_an_officer_sets_up_the_second_factor_and_makes_a_user(visit, helpers):
    name = f"officer-{secrets.token_hex(4)}"
    helpers.make_user(name, "city_officer", "3508")
    page = visit(width=375)
    helpers.sign_in(page, name)
    page.wait_for_url("**/second-factor/setup/")
    clean(page)
    secret = page.locator("code").inner_text()
    page.get_by_label("验证码").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="完成设置").click()
    page.get_by_text("请收好备用码").wait_for()
    expect(page.locator(".cf-codes code")).to_have_count(10)
    clean(page)
    page.goto("/users/new/")
    clean(page)
    page.get_by_label("姓名").fill("<img src=x onerror=alert(1)>")
    page.get_by_label("用户名").fill(f"new-{name}")
    page.get_by_label("角色").select_option("county_clerk")
    page.get_by_label("地区").fill("连城县")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", page.get_by_label("自", exact=True).input_value())
    page.get_by_role("button", name="保存").click()
    page.get_by_text("只显示这一次").wait_for()
    expect(page.locator("img[src=x]")).to_have_count(0)
    assert User.objects.get(username=f"new-{name}").must_change_password
