"""Every address × every role × own, neighbour, parent, child, nobody: what is answered follows from what is declared.

The list of addresses is read from the running platform. A view without a declaration fails, and so does an address with
parameters that `samples` says nothing of.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from chunfeng.apps.accounts import totp
from chunfeng.apps.accounts.models import Role
from chunfeng.apps.gate import access
from chunfeng.apps.places.models import Organisation, Region
from tests.apps.gate.samples import MARK, SAMPLES, Reader, World


def addresses(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, str, Any]]:
    """Name, route and view of every address."""
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield pattern.name or route, route, pattern.callback
        else:
            yield from addresses(pattern, route)


ALL = list(addresses(get_resolver()))


def regions_of(role: Role, world: World) -> dict[str, Region]:
    """Where a role is worn: over the sampled village, beside it, above it, and below its office but elsewhere."""
    village, town = world.village, world.town
    county, city = Region.objects.get(code="350825"), Region.objects.get(code="3508")
    province = Region.objects.get(code="35")

    def other(level: str, start: str, not_in: Region) -> Region:
        found = Region.objects.filter(level=level, code__startswith=start).exclude(
            code__startswith=not_in.code
        )
        return found.order_by("place").first()

    next_county = Region.objects.get(code="350821")
    other_town = other("town", "350825", town)
    places = {
        "province": {"own": province, "child": Region.objects.get(code="3507")},
        "city": {
            "own": city,
            "neighbour": Region.objects.get(code="3507"),
            "parent": province,
            "child": next_county,
        },
        "county": {"own": county, "neighbour": next_county, "parent": city, "child": other_town},
        "town": {
            "own": town,
            "neighbour": other_town,
            "parent": county,
            "child": other("village", town.code, village),
        },
        "village": {"own": village, "neighbour": other("village", town.code, village), "parent": town},
    }
    return places.get(role.level, places["county"])


@pytest.fixture(scope="module")
def world(platform: Any) -> Iterator[tuple[World, list[tuple[Reader, Client]]]]:
    """The sampled objects, and a signed-in client for every role and position; all undone at the end."""
    with transaction.atomic():
        made = World()
        readers = []
        for role in Role.objects.order_by("code"):
            for position, region in regions_of(role, made).items():
                organisation = None
                if role.own_organisation_only and role.code != "worker":
                    organisation, _ = Organisation.objects.get_or_create(
                        name="别的单位", region=region, defaults={"kind": "partner"}
                    )
                user = made._user(f"{position}-{role.code}", role.code, region, organisation)
                client = Client(raise_request_exception=False)
                client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
                session = client.session
                session["second_factor"] = totp.mark(user)
                session.save()
                readers.append((Reader(user, role, region, position), client))
        yield made, readers
        transaction.set_rollback(True)


def answer(client: Client, method: str, address: str) -> Any:
    """One request, whose effects are undone, on the client, too."""
    signed_in = client.cookies["sessionid"].value if "sessionid" in client.cookies else None
    with transaction.atomic():
        response = client.generic(method, address, content_type="application/x-www-form-urlencoded")
        transaction.set_rollback(True)
    if signed_in is not None:
        client.cookies["sessionid"] = signed_in
    return response


def test_every_view_declares_what_it_wants():
    undeclared = [name for name, _route, view in ALL if access.of(view) is None]
    assert undeclared == []


def test_every_address_with_parameters_has_a_sample():
    missing = {name for name, route, _view in ALL if "<" in route} - set(SAMPLES)
    assert missing == set(), f"add them to tests/apps/gate/samples.py: {sorted(missing)}"


def test_reading_pages_take_nothing():
    """What does not say that it writes is refused anything but reading, before the view is asked."""
    for name, _route, view in ALL:
        declared = access.of(view)
        assert declared is None or declared.writes or not declared.allows("POST"), name


@pytest.mark.parametrize(("name", "route", "view"), ALL, ids=[name for name, _route, _view in ALL])
def test_every_role_everywhere(world, name, route, view):
    made, readers = world
    sample = SAMPLES.get(name)
    address = reverse(name, kwargs=sample.kwargs(made) if "<" in route and sample else None)
    declared = access.of(view)
    wrong = []
    for method in ("GET", "POST") if declared.writes else ("GET",):
        nobody = answer(Client(raise_request_exception=False), method, address).status_code
        if declared.public and (nobody == 403 or nobody >= 500) and name != "health":
            wrong.append(f"{method} nobody: {nobody}")
        if not declared.public and nobody != 302:
            wrong.append(f"{method} nobody: {nobody} instead of the way to sign in")
        for reader, client in readers:
            may = declared.public or reader.may(declared.capability)
            if not plays_a_part(reader, declared, may, "<" in route):
                continue
            response = answer(client, method, address)
            if problem := judge(reader, method, response, may, sample if "<" in route else None, made):
                wrong.append(f"{method} {reader.position} {reader.role.code}: {problem}")
    assert not wrong, f"{address}\n" + "\n".join(wrong[:30])


def plays_a_part(reader: Reader, declared: access.Access, may: bool, of_an_object: bool) -> bool:
    """Whether this reader's answer could differ from another's that is asked already: where a hat is worn plays no part
    in what its role lacks or what is public, and a list shows its neighbour nothing if it shows nothing to one."""
    if declared.public:
        return reader.position == "own" and reader.role.code in ("worker", "county_clerk")
    if not may:
        return reader.position == "own"
    return of_an_object or reader.position in ("own", "neighbour")


def judge(reader: Reader, method: str, response: Any, may: bool, sample: Any, made: World) -> str:
    """What is wrong with an answer; empty when nothing is."""
    status = response.status_code
    if status >= 500 and response.wsgi_request.path != "/health":  # which says so when there is no worker
        return f"{status}"
    if not may:
        return "" if status == 403 else f"{status} without the capability"
    seen = sample.seen(made, reader) if sample else None
    shown = getattr(response, "content", b"").decode("utf-8", "replace")
    if MARK in shown and not reader.reach.holds(made.place):
        return "shows what lies outside its reach"
    if seen is None:
        return "" if sample or status != 403 else "403 in spite of the capability"
    if not seen:
        good = status == 404 or status in sample.unknown or (status == 405 and method == "GET")
        return "" if good else f"{status} for what it must not know of"
    good = status in {200, 302, 405, 422} | sample.also
    return "" if good else f"{status} for its own"
