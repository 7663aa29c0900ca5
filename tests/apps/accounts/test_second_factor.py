"""The second factor: set up, given, each code once, recovery codes, reset."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
import time_machine
from django.db import connection
from django.test import Client

from chunfeng.apps.accounts import totp
from chunfeng.apps.accounts.models import User
from chunfeng.apps.places.scope import use

pytestmark = pytest.mark.usefixtures("db")
NOW = datetime(2023, 1, 15, 8, 0, 10, tzinfo=UTC)


@pytest.fixture
def officer(client_as):
    client = client_as("city_officer", "3508")
    session = client.session
    del session["second_factor"]
    session.save()
    return client


def set_up(client):
    """Through the page; returns the secret and the recovery codes."""
    page = client.get("/second-factor/setup/").content.decode()
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", page).group(1)
    assert "data:image/svg+xml" in page
    done = client.post("/second-factor/setup/", {"code": pyotp.TOTP(secret).now()})
    return secret, re.findall(r"<code>([a-z0-9]{5}-[a-z0-9]{5})</code>", done.content.decode())


def test_nothing_is_seen_before_it_is_set_up_and_given(officer):
    assert officer.get("/users/").url == "/second-factor/setup/"
    wrong = officer.post("/second-factor/setup/", {"code": "12"})
    assert wrong.status_code == 422
    secret, recovery = set_up(officer)
    assert len(set(recovery)) == 10
    assert officer.get("/users/").status_code == 200
    with connection.cursor() as cursor:
        cursor.execute("SELECT u::text FROM accounts_user u WHERE id = %s", [officer.user.pk])
        stored = cursor.fetchone()[0]
    assert secret not in stored and secret.encode().hex() not in stored
    assert not any(code in stored for code in recovery)


def test_a_code_works_once_and_the_next_one_again(officer):
    with time_machine.travel(NOW, tick=False) as clock:
        secret, _ = set_up(officer)
        forget_session(officer)
        assert officer.get("/users/").url == "/second-factor/"
        assert officer.get("/second-factor/setup/").url == "/second-factor/"  # no way round
        again = officer.post("/second-factor/", {"code": pyotp.TOTP(secret).now()})
        assert again.status_code == 422 and "已用过" in again.content.decode()
        clock.shift(30)
        given = {"code": pyotp.TOTP(secret).now(), "next": "/users/"}
        assert officer.post("/second-factor/", given).url == "/users/"
        assert officer.get("/users/").status_code == 200


def forget_session(client):
    session = client.session
    del session["second_factor"]
    session.save()


def test_a_recovery_code_works_once(officer):
    _, recovery = set_up(officer)
    forget_session(officer)
    assert officer.post("/second-factor/", {"code": recovery[0].upper()}).status_code == 302
    forget_session(officer)
    assert officer.post("/second-factor/", {"code": recovery[0]}).status_code == 422
    assert officer.post("/second-factor/", {"code": recovery[1]}).status_code == 302


def test_guessing_stops(officer):
    set_up(officer)
    forget_session(officer)
    pages = [officer.post("/second-factor/", {"code": "000000"}) for _ in range(9)]
    assert "十分钟" in pages[-1].content.decode()


def test_half_a_minute_of_grace_and_no_more(user, scope_of):
    someone, secret = user("officer"), pyotp.random_base32()
    User.objects.filter(pk=someone.pk).update(totp_secret=secret)
    someone.refresh_from_db()
    code = pyotp.TOTP(secret).at(NOW)
    with use(scope_of("3508", actor=someone.pk)):
        assert not totp.check(someone, code, NOW + timedelta(seconds=65))
        assert totp.check(someone, code, NOW + timedelta(seconds=30))


def test_a_new_secret_ends_the_trust_of_other_sessions(officer):
    """Of two sessions, one sets the factor up anew; the other must give it."""
    before = totp.mark(User.objects.get(pk=officer.user.pk))
    set_up(officer)
    assert officer.get("/users/").status_code == 200
    second = Client()
    second.force_login(officer.user, backend="django.contrib.auth.backends.ModelBackend")
    session = second.session
    session["second_factor"] = before
    session.save()
    assert second.get("/users/").url == "/second-factor/"


def test_a_manager_takes_it_away(client_as, officer):
    set_up(officer)
    province = client_as("province_officer", "35")
    assert province.post(f"/users/{officer.user.pk}/second-factor/").status_code == 302
    assert User.objects.get(pk=officer.user.pk).totp_secret is None
    assert officer.get("/users/").url == "/second-factor/setup/"
