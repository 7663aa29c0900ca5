"""No page asks the database the same thing again for every row: every address that can be read, with nine of everything."""

from __future__ import annotations

import re
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, models, reset_queries, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from chunfeng.apps.accounts import totp
from chunfeng.apps.accounts.models import OutboxMessage, Role
from chunfeng.apps.campaigns.models import Campaign
from chunfeng.apps.gate import access
from chunfeng.apps.places.models import Organisation, Region
from chunfeng.apps.places.scope import use, whole_province
from chunfeng.apps.registry.models import Inquiry, Person
from tests.apps.gate.samples import COUNTY, SAMPLES, World
from tests.apps.gate.test_matrix import ALL, answer

MANY = 8
"""More of every sampled object."""
ALIKE = 5
"""Questions of one shape on a page: a few parts of a page may ask alike, nine rows may not."""
AT_MOST = 48
"""All of a page's questions, those of session, hat and transaction included."""
READABLE = [
    (name, route, view) for name, route, view in ALL if access.of(view) and access.of(view).allows("GET")
]


def shape(sql: str) -> str:
    """A question without its values."""
    sql = re.sub(r"'(?:[^']|'')*'", "?", sql)
    return re.sub(r"\?(?:, \?)+", "?", re.sub(r"\b\d+\b", "?", sql))


def again(made: models.Model, **changes: Any) -> None:
    """MANY more of an object, with what must differ made different."""
    for number in range(MANY):
        copy = type(made).objects.get(pk=made.pk)
        copy.pk = None
        copy._state.adding = True
        for name, change in changes.items():
            setattr(copy, name, change(number))
        copy.save(force_insert=True)


@pytest.fixture(scope="module")
def world(sample: Any) -> Iterator[tuple[World, dict[str, Client]]]:
    """The sample county with nine of everything that people make, and a client for each role above all of it."""
    with transaction.atomic():
        made = World()
        with use(whole_province("test", "many")):
            _multiply(made)
        clients = {}
        for role in Role.objects.order_by("code"):
            region = {"province": "35", "city": "3508", "town": made.town.pk, "village": made.village.pk}
            organisation = None
            if role.own_organisation_only and role.code != "worker":
                organisation = Organisation.objects.filter(memberships__user=sample.users[role.code]).first()
            user = made._user(
                f"asks-{role.code}",
                role.code,
                Region.objects.get(code=region.get(role.level, "350825")),
                organisation,
            )
            clients[role.code] = client = Client(raise_request_exception=False)
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
            session = client.session
            session["second_factor"] = totp.mark(user)
            session.save()
        yield made, clients
        transaction.set_rollback(True)


def _multiply(made: World) -> None:
    """More of what pages list: accounts, hats, offices, messages, deliveries, lists, words on persons, exports, campaigns."""
    many = made.made
    again(many["account"], username=lambda n: f"many-{n}")
    account = type(many["account"]).objects.get(username="many-0")
    again(many["lent"], valid_to=lambda n: many["lent"].valid_to + timedelta(days=n))
    again(many["organisation"], name=lambda n: f"某单位{n}")
    again(many["import"])
    again(OutboxMessage.objects.create(user=account, text="某消息", sent_at=timezone.now()))
    again(many["delivery"])
    again(many["file"], path=lambda n: f"{n}.csv", delivery_id=lambda n: many["delivery"].pk)
    again(many["extract"], source=lambda n: f"{n}.csv")
    again(many["claim"], row=lambda n: 100 + n)
    again(many["doubt"], row=lambda n: 100 + n, group=lambda n: f"组{n}", fingerprint=lambda n: f"{n:040d}")
    again(
        many["decision"],
        deed=lambda n: uuid.uuid4(),
        row=lambda n: 100 + n,
        fingerprint=lambda n: f"{n:040d}",
    )
    people = Person.objects.filter(county=COUNTY).order_by("pk")[:MANY]
    keys = [person.pk for person in people]
    again(many["same"], first=lambda n: keys[n], second=lambda n: many["same"].first)
    asked = {"county": COUNTY, "question": "是不是同一人", "by": account, "place": made.place}
    for n in range(MANY):
        Inquiry.objects.create(group=f"组{n}", fingerprint=f"{n:040d}", name="某人", **asked)
    again(many["export"])
    again(Campaign.objects.first(), code=lambda n: f"many-{n}", name=lambda n: f"活动{n}")


@pytest.mark.parametrize(("name", "route", "view"), READABLE, ids=[name for name, _route, _view in READABLE])
def test_a_page_does_not_ask_for_every_row(world, name, route, view):
    made, clients = world
    sampled = SAMPLES.get(name)
    address = reverse(name, kwargs=sampled.kwargs(made) if "<" in route and sampled else None)
    told = []
    for role, client in clients.items():
        declared = access.of(view)
        if declared.capability is not None and declared.capability not in _capabilities(role):
            continue
        reset_queries()
        with CaptureQueriesContext(connection) as asked:
            response = answer(client, "GET", address)
        if response.status_code != 200:
            continue
        shapes = Counter(shape(query["sql"]) for query in asked if "set_config" not in query["sql"])
        told += [f"{role}: {n} times {sql[:300]}" for sql, n in shapes.most_common(3) if n > ALIKE]
        if len(asked) > AT_MOST:
            told.append(f"{role}: {len(asked)} questions")
    assert not told, address + "\n" + "\n".join(told)


def _capabilities(role: str) -> frozenset[str]:
    return frozenset(Role.objects.get(code=role).capabilities)
