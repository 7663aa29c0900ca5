"""Somebody within who wants more than the hat gives: what the session, the link and the borrowed hat let through."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.contrib.auth import SESSION_KEY as SIGNED_IN
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client
from django.utils import timezone

from chunfeng.apps.accounts import hats
from chunfeng.apps.accounts.models import Membership
from chunfeng.apps.places.scope import use, whole_province

pytestmark = pytest.mark.usefixtures("db")
PASSWORD = "Chunfeng-2023!"


def planted() -> tuple[Client, str]:
    """A browser in which somebody else put a session of theirs beforehand."""
    store = SessionStore()
    store["display"] = "elder"
    store.create()
    client = Client()
    client.cookies["sessionid"] = store.session_key
    return client, store.session_key


def test_a_session_planted_before_the_sign_in_is_not_the_one_after_it(user):
    user("luo")
    client, known = planted()
    assert client.post("/signin/", {"username": "luo", "password": PASSWORD}).status_code == 302
    assert client.cookies["sessionid"].value != known
    assert client.get("/hats/").status_code == 200
    thief = Client()
    thief.cookies["sessionid"] = known
    assert thief.get("/hats/").status_code == 302
    assert SIGNED_IN not in SessionStore(known)


def test_a_session_signed_out_of_is_of_no_use(client_as):
    client = client_as("county_clerk")
    kept = client.cookies["sessionid"].value
    client.post("/signout/")
    thief = Client()
    thief.cookies["sessionid"] = kept
    assert thief.get("/hats/").status_code == 302


def test_the_number_of_anothers_hat_in_the_session_is_worth_nothing(client_as, user):
    chief = user("zhao", "county_approver")
    hat = Membership.objects.get(user=chief)
    clerk = client_as("county_clerk")
    session = clerk.session
    session[hats.SESSION_KEY] = hat.pk
    session.save()
    assert clerk.get("/users/").status_code == 403
    assert clerk.post("/hat/", {"hat": hat.pk}).status_code == 302
    assert clerk.get("/users/").status_code == 403


@pytest.mark.parametrize("ends", ["the loan", "the lender's own hat", "the lender's account"])
def test_a_borrowed_hat_ends_in_the_middle_of_a_session(client_as, user, ends):
    today = timezone.localdate()
    chief = user("qian", "county_approver")
    own = Membership.objects.get(user=chief)
    deputy = client_as("county_clerk")
    lent = Membership.objects.create(
        user=deputy.user,
        role=own.role,
        region=own.region,
        valid_from=date(2022, 1, 1),
        valid_to=today,
        on_behalf_of=chief,
        lent_from=own,
    )
    assert deputy.post("/hat/", {"hat": lent.pk}).status_code == 302
    assert deputy.get("/users/").status_code == 200
    yesterday = today - timedelta(days=1)
    with use(whole_province("test", "test")):
        if ends == "the loan":
            Membership.objects.filter(pk=lent.pk).update(valid_to=yesterday)
        elif ends == "the lender's own hat":
            Membership.objects.filter(pk=own.pk).update(valid_to=yesterday)
        else:
            chief.is_active = False
            chief.save()
    assert deputy.get("/users/").status_code == 403
    assert hats.worn(deputy.user, lent.pk).hat != lent


def test_a_closed_account_is_out_at_once(client_as):
    client = client_as("county_clerk")
    client.user.is_active = False
    client.user.save()
    assert client.get("/hats/").status_code == 302


@pytest.mark.parametrize(
    "host", ["evil.example", "testserver.evil.example", "testserver:80@evil.example", "evil.example#"]
)
def test_a_foreign_host_is_not_taken_up_in_an_answer(client_as, host):
    client = client_as("county_clerk")
    for address in ("/hats/", "/signin/", "/nowhere/"):
        answer = client.get(address, headers={"Host": host}, SERVER_NAME=host)
        assert answer.status_code == 400 and b"evil" not in answer.content
    answer = client.get("/hats/", headers={"X-Forwarded-Host": "evil.example"})
    assert answer.status_code == 200 and b"evil" not in answer.content


def test_a_form_of_too_many_parts_is_refused(client_as):
    client = client_as("county_clerk")
    assert client.post("/hat/", {f"f{n}": "x" for n in range(5_001)}).status_code == 400
    assert client.post("/hat/", {"hat": "x" * (6 << 20)}).status_code in (400, 413)
