"""Signing in: failures, locks, one-time passwords, idleness, codes by phone."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from axes.models import AccessAttempt
from django.core.exceptions import ValidationError
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from chunfeng.apps import accounts
from chunfeng.apps.accounts import codes, hats, services, typed
from chunfeng.apps.accounts.middleware import POLLED
from chunfeng.apps.accounts.models import OutboxMessage, SignInCode, User
from chunfeng.apps.accounts.passwords import ThreeClassesValidator
from chunfeng.apps.gate import limits
from chunfeng.apps.places.scope import use
from tests.apps.audited import events

pytestmark = pytest.mark.usefixtures("db")
PASSWORD = "Chunfeng-2023!"
NEW = "Lianxi-2024!gt"
PHONE = "13800138000"


@pytest.fixture
def client():
    return Client()


def actions():
    return [event.action for event in events()]


def sign_in(client, username, password=PASSWORD):
    return client.post("/signin/", {"username": username, "password": password})


def test_a_wrong_password_is_answered_plainly_and_kept(user):
    someone, client = user("luo"), Client()
    page = sign_in(client, "luo", "wrong")
    assert page.status_code == 200 and "锁定" in page.content.decode()
    (failed,) = events(action="signin_failed")
    assert failed.key == str(someone.pk) and failed.role == "anonymous"
    sign_in(client, "My-secret-typed-here1")
    assert "My-secret" not in str([vars(event) for event in events()])
    attempts = list(AccessAttempt.objects.order_by("pk").values())
    assert attempts[0]["username"] == "luo" and "My-secret" not in str(attempts)
    assert attempts[1]["username"].startswith("?")


def test_a_name_of_nobody_is_locked_like_any_other(db):
    client = Client()
    pages = [sign_in(client, "nobody-here", "wrong") for _ in range(6)]
    assert pages[-1].status_code == 429
    assert "nobody-here" not in str(list(AccessAttempt.objects.values()))
    assert sign_in(client, "another-nobody", "wrong").status_code == 200


def test_five_failures_lock_and_a_manager_unlocks(user, client_as):
    someone, client = user("luo"), Client()
    pages = [sign_in(client, "luo", "wrong") for _ in range(6)]
    assert pages[-1].status_code == 429 and "十五分钟" in pages[-1].content.decode()
    assert sign_in(client, "luo").status_code == 429
    assert "locked" in actions()
    manager = client_as("county_approver")
    assert "解锁" in manager.get(f"/users/{someone.pk}/").content.decode()
    assert manager.post(f"/users/{someone.pk}/unlock/").status_code == 302
    assert sign_in(client, "luo").status_code == 302


def test_nobody_locks_anothers_account_from_elsewhere(user):
    """Names of staff are easily guessed: five wrong passwords from one address lock that address out, not the person."""
    someone, stranger, own = user("luo"), Client(REMOTE_ADDR="6.6.6.6"), Client(REMOTE_ADDR="10.0.0.7")
    assert [sign_in(stranger, "luo", "wrong").status_code for _ in range(5)][-1] == 429
    assert sign_in(stranger, "luo").status_code == 429
    assert sign_in(own, "luo").status_code == 302 and own.session["_auth_user_id"] == str(someone.pk)
    assert sign_in(stranger, "luo").status_code == 429  # that the other got in opens nothing here


def test_from_many_addresses_a_name_is_locked_everywhere(user):
    user("luo")
    for n in range(typed.EVERYWHERE // 5):
        AccessAttempt.objects.create(
            username="luo",
            ip_address=f"6.6.6.{n}",
            user_agent="x",
            failures_since_start=5,
            attempt_time=timezone.now(),
        )
    assert sign_in(Client(REMOTE_ADDR="10.0.0.7"), "luo").status_code == 429
    with time_machine.travel(timezone.now() + timedelta(minutes=16), tick=False):
        assert sign_in(Client(REMOTE_ADDR="10.0.0.7"), "luo").status_code == 302


def test_what_is_kept_of_a_failure_says_nothing_of_where_one_was(user):
    user("luo")
    Client().post(
        "/signin/?next=/registry/?q=林小春", {"username": "luo", "password": "x", "next": "/?q=林小春"}
    )
    assert "林小春" not in str(list(AccessAttempt.objects.values()))


def test_passwords_are_not_tried_in_a_session_left_open(client_as):
    clerk = client_as("county_clerk")
    given = {"new_password1": NEW, "new_password2": NEW}
    for _ in range(8):
        assert "不对" in clerk.post("/password/", given | {"old_password": "wrong"}).content.decode()
    assert "十分钟" in clerk.post("/password/", given | {"old_password": PASSWORD}).content.decode()


def test_a_one_time_password_must_be_changed_and_runs_out(user):
    someone = user("luo")
    chief = user("chief", "county_approver")
    with use(hats.scope_of_hat(chief.memberships.get(), "test")):
        once = services.reset_password(someone)
    client = Client()
    with time_machine.travel(timezone.now() + timedelta(days=8), tick=False):
        assert "过期" in sign_in(client, "luo", once).content.decode()
    assert sign_in(client, "luo", once).status_code == 302
    assert client.get("/hats/").status_code == 200
    assert client.get("/audit/exports/").url == "/password/"
    same = {"old_password": once, "new_password1": once, "new_password2": once}
    assert "不能和现在的一样" in client.post("/password/", same).content.decode()
    weak = {"old_password": once, "new_password1": "chunfengchunfeng", "new_password2": "chunfengchunfeng"}
    assert client.post("/password/", weak).status_code == 422
    good = {"old_password": once, "new_password1": NEW, "new_password2": NEW}
    assert client.post("/password/", good).status_code == 302
    assert client.get("/audit/exports/").status_code == 200
    assert not User.objects.get(pk=someone.pk).must_change_password


def test_a_reset_password_ends_the_sessions(client_as):
    clerk, manager = client_as("county_clerk"), client_as("county_approver")
    assert clerk.get("/hats/").status_code == 200
    page = manager.post(f"/users/{clerk.user.pk}/password/")
    assert page.status_code == 200 and page["Cache-Control"] == "no-store"
    assert clerk.get("/hats/").url.startswith("/signin/")


def test_idleness_ends_the_session_and_says_so(client_as):
    clerk = client_as("county_clerk")
    assert clerk.get("/hats/").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(minutes=31), tick=False):
        gone = clerk.get("/hats/?x=1")
        assert gone.url == "/signin/ended/?next=%2Fhats%2F%3Fx%3D1"
        assert "半小时" in clerk.get(gone.url).content.decode()
        assert clerk.get("/hats/").url.startswith("/signin/")
    assert [event.details for event in events(action="signout")] == [{"why": "idle"}]


def test_a_form_sent_too_late_leads_back_to_its_page(client_as, client):
    """Never to the address it was sent to, which shows nothing by itself."""
    clerk, form = client_as("county_clerk"), "http://testserver/registry/review/?waiting=1#top"
    assert clerk.get("/hats/").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(minutes=31), tick=False):
        gone = clerk.post("/registry/review/begin/", headers={"referer": form})
    assert gone.url == "/signin/ended/?next=%2Fregistry%2Freview%2F%3Fwaiting%3D1"
    gone = client.post("/registry/review/begin/", headers={"referer": form})
    assert gone.url == "/signin/ended/?next=%2Fregistry%2Freview%2F%3Fwaiting%3D1&why=gone"
    page = client.get(gone.url).content.decode()
    assert "半小时" not in page and "/signin/?next=/registry/review/%3Fwaiting%3D1" in page
    elsewhere = client.post("/registry/review/begin/", headers={"referer": "https://evil.example/x"})
    assert elsewhere.url == "/signin/ended/?why=gone"


def test_the_address_of_an_answer_opened_by_itself_says_so(client_as):
    page = client_as("county_clerk").get("/registry/review/begin/")
    assert page.status_code == 405 and page["Allow"] == "POST"
    assert "后退键" in page.content.decode()


def test_what_a_page_asks_for_by_itself_keeps_no_session_alive(client_as):
    clerk, start = client_as("county_clerk"), timezone.now()
    poll = {"headers": {"HX-Request": "true"}}
    with time_machine.travel(start, tick=False):
        assert clerk.get("/hats/").status_code == 200
    for minutes in (10, 20, 29):
        with time_machine.travel(start + timedelta(minutes=minutes), tick=False):
            assert clerk.get(reverse("intake-runs-progress"), **poll).status_code == 200
    with time_machine.travel(start + timedelta(minutes=31), tick=False):
        assert clerk.get("/hats/").url.startswith("/signin/ended/")


def test_what_somebody_asks_for_keeps_it_alive(client_as):
    clerk, start = client_as("county_clerk"), timezone.now()
    for minutes in (0, 20, 40):
        with time_machine.travel(start + timedelta(minutes=minutes), tick=False):
            assert clerk.get("/hats/", headers={"HX-Request": "true"}).status_code == 200


def test_every_page_that_asks_by_itself_is_known():
    """Over all templates: what is fetched every few seconds, directly or by the progress bar, is named in POLLED."""
    source, found = Path(accounts.__file__).parents[2], set()
    polling = re.compile(r"<c-progress[^>]* url=.*|<.*hx-trigger=\"[^\"]*every .*")
    for path in source.rglob("*.html"):
        if path.name in ("progress.html", "style_progress.html") and path.is_relative_to(source / "ui"):
            continue  # the progress bar itself, and its picture on the page of samples
        for tag in polling.findall(path.read_text("utf-8")):
            found |= set(re.findall(r"(?:hx-get|url)=\"\{% url '([\w-]+)'", tag)) or {f"unread: {path.name}"}
    assert found == POLLED


def test_where_to_go_next_is_a_page_of_ours(client):
    page = client.get("/signin/ended/?next=https://evil.example/")
    assert 'href="/signin/"' in page.content.decode()


@pytest.mark.parametrize(
    ("password", "good"), [("abcdefghij1", False), ("abcDEF1234", True), ("ab-1234567", True)]
)
def test_three_of_four_classes(password, good):
    if good:
        ThreeClassesValidator().validate(password)
    else:
        with pytest.raises(ValidationError):
            ThreeClassesValidator().validate(password)


@pytest.mark.parametrize(
    ("proxy", "told", "kept"),
    [
        (True, "10.9.8.7", "10.9.8.7"),
        (True, "2001:DB8::1", "2001:db8::1"),
        (True, "10.9.8.7, 6.6.6.6", "127.0.0.1"),
        (True, "fe80::1%" + "x" * 90, "127.0.0.1"),
        (True, "", "127.0.0.1"),
        (False, "10.9.8.7", "127.0.0.1"),
    ],
)
def test_the_address_is_what_the_proxy_tells_and_only_the_proxy(user, proxy, told, kept):
    user("luo")
    with override_settings(BEHIND_PROXY=proxy):
        client = Client(headers={"X-Real-IP": told})
        assert sign_in(client, "luo").status_code == 302
    assert events(action="signin")[-1].address == kept


def test_one_county_behind_one_address_gets_its_codes(worker):
    """What a hundred others of the same address asked for keeps nobody from signing in."""
    for n in range(100):
        codes.ask(f"1390013{n:04d}", "3.3.3.3")
    codes.ask(PHONE, "3.3.3.3")
    assert codes.check(PHONE, code_sent(), "3.3.3.3") == worker


# --- codes by phone ---------------------------------------------------------------------------------------------------


@pytest.fixture
def worker(user):
    return user("worker", "worker", phone=PHONE, person="350825000000001")


def code_sent():
    text = OutboxMessage.objects.latest("pk").text
    return re.search(r"\d{6}", text).group()


def test_a_worker_signs_in_by_phone(worker, client):
    assert client.post("/signin/phone/", {"phone": "138 0013 8000"}).url == "/signin/code/"
    assert OutboxMessage.objects.get().to_mask == "138****8000"
    assert PHONE not in str(dict(client.session))
    assert bytes(SignInCode.objects.get().digest) != code_sent().encode()
    assert (
        client.post("/signin/code/", {"code": "000000" if code_sent() != "000000" else "1"}).status_code
        == 422
    )
    done = client.post("/signin/code/", {"code": code_sent()})
    assert done.status_code == 302 and client.session["_auth_user_id"] == str(worker.pk)
    assert codes.check(PHONE, code_sent(), "1.1.1.1") is None  # each is good for once


def test_an_unknown_phone_gets_the_same_answer(worker, client):
    assert client.post("/signin/phone/", {"phone": "13900139000"}).url == "/signin/code/"
    assert not OutboxMessage.objects.exists()
    assert "139****9000" in client.get("/signin/code/").content.decode()


def test_staff_do_not_get_in_by_phone(user, worker):
    user("worker", "county_clerk")
    codes.ask(PHONE, "1.1.1.1")
    assert not OutboxMessage.objects.exists()


def test_two_accounts_of_one_phone_get_no_code(worker, user):
    user("worker2", "worker", phone=PHONE, person="350825000000002")
    codes.ask(PHONE, "1.1.1.1")
    assert not OutboxMessage.objects.exists()


def test_a_code_stands_five_minutes_and_five_tries(worker):
    codes.ask(PHONE, "1.1.1.1")
    sent = code_sent()
    wrong = f"{(int(sent) + 1) % 1_000_000:06d}"
    assert [codes.check(PHONE, wrong, "1.1.1.1") for _ in range(5)] == [None] * 5
    assert codes.check(PHONE, sent, "1.1.1.1") is None
    limits.clear("sms-60", PHONE)
    codes.ask(PHONE, "1.1.1.1")
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert codes.check(PHONE, code_sent(), "1.1.1.1") is None
    assert codes.check(PHONE, code_sent(), "1.1.1.1") == worker


def test_who_uses_the_codes_may_ask_on_and_who_does_not_may_not(worker):
    limit, seconds = codes._ADDRESS_LIMIT
    assert all(limits.hit("sms-address", "3.3.3.3", limit, seconds) for _ in range(limit - 1))
    for _ in range(3):
        codes.ask(PHONE, "3.3.3.3")
        assert codes.check(PHONE, code_sent(), "3.3.3.3") == worker
        limits.clear("sms-60", PHONE)
    codes.ask(PHONE, "3.3.3.3")
    with pytest.raises(codes.TooOften):
        codes.ask("13900139000", "3.3.3.3")


def test_one_code_is_not_tried_on_many_phones(worker):
    """What is counted are the wrong ones: a county whose people mistype now and then signs in all the same."""
    limit, _seconds = codes._WRONG_LIMIT
    assert [codes.check(f"1390013{n:04d}", "123456", "6.6.6.6") for n in range(limit)] == [None] * limit
    codes.ask(PHONE, "1.1.1.1")
    with pytest.raises(codes.TooOften):
        codes.check(PHONE, code_sent(), "6.6.6.6")
    assert codes.check(PHONE, code_sent(), "1.1.1.1") == worker


def test_codes_are_not_sent_without_end(worker):
    codes.ask(PHONE, "1.1.1.1")
    with pytest.raises(codes.TooOften):
        codes.ask(PHONE, "1.1.1.1")
    limit, seconds = codes._ADDRESS_LIMIT
    assert all(limits.hit("sms-address", "2.2.2.2", limit, seconds) for _ in range(limit - 1))
    with pytest.raises(codes.TooOften):
        [codes.ask(f"1390013{n:04d}", "2.2.2.2") for n in range(3)]


def test_a_limit_counts_and_opens_again():
    assert [limits.hit("x", "me", 2, 100) for _ in range(3)] == [True, True, False]
    assert limits.hit("x", "you", 2, 100)
    limits.clear("x", "me")
    assert limits.hit("x", "me", 2, 100)
    assert limits.hit("y", "me", 1, 0) and limits.hit("y", "me", 1, 0)
