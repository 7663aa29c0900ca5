"""Demonstration users: one for every role, with one password kept in the demonstration's own folder."""

from __future__ import annotations

import json
import os
import secrets as random
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from unicodedata import east_asian_width

from chunfeng.site import environment

_FILE = "demo.json"


@dataclass
class People:
    """What the demonstration made: `county` its code, `users` those that can sign in, `complete` once all is loaded."""

    county: str
    password: str
    users: list[dict[str, str]] = field(default_factory=list)
    complete: bool = False


def _path() -> Path:
    return environment.data_folder() / _FILE


def load() -> People | None:
    """What an earlier start made, None when there was none."""
    try:
        return People(**json.loads(_path().read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None


def save(people: People) -> None:
    """Keep it, readable by its owner only."""
    new = _path().with_suffix(".new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        json.dump(asdict(people), out, ensure_ascii=False, indent=1)
    new.replace(_path())


def make(county: str) -> People:
    """A user for every role there is, each at a place that suits its level, and one of the neighbouring county.

    Users that are there already are left alone. Needs Django to be set up.
    """
    from chunfeng.apps.accounts.models import Role
    from chunfeng.apps.places.numbers import EVERYWHERE
    from chunfeng.apps.places.scope import Scope, use

    people = load() or People(county, f"Chunfeng-{random.token_hex(4)}")
    people.county = county
    known = {user["username"] for user in people.users}
    places = _places(county)
    wanted = [(role.code, role, places[role.level]) for role in Role.objects.order_by("pk")]
    neighbour = places["neighbour"]
    if neighbour is not None:
        wanted.append(("neighbour_clerk", Role.objects.get(pk="county_clerk"), neighbour))
    with use(Scope(EVERYWHERE, "demo", "建立演示用户")):
        for username, role, region in wanted:
            if username not in known:
                people.users.append(_make_user(username, role, region, people.password))
    save(people)
    return people


def _places(county: str) -> dict[str, Any]:
    """Region per level of role, and the next county that reports to the same office (None where there is none)."""
    from chunfeng.apps.places.models import Region

    own = Region.objects.select_related("reports_to").get(pk=county)
    town = Region.objects.filter(parent=own, level="town").order_by("place").first()
    village = town and Region.objects.filter(parent=town, level="village").order_by("place").first()
    above = own.reports_to
    province = Region.objects.get(level="province")
    return {
        "province": province,
        "city": above if above and above.level == "city" else province,
        "county": own,
        "town": town or own,
        "village": village or town or own,
        "outside": own,
        "neighbour": Region.objects.filter(reports_to=above, level="county")
        .exclude(pk=county)
        .order_by("place")
        .first(),
    }


_ORGANISATIONS = {
    "partner": ("partner", "民政局", "民政"),
    "agency": ("agency", "春风人力资源服务部", ""),
    "employer": ("employer", "春风演示鞋业有限公司", ""),
}
"""Role → kind, name and department of the organisation its user works for."""


def _make_user(username: str, role: Any, region: Any, password: str) -> dict[str, str]:
    import pyotp

    from chunfeng.apps.accounts.models import Membership, User
    from chunfeng.apps.audit.record import record
    from chunfeng.apps.places.models import Organisation

    organisation = None
    if role.code in _ORGANISATIONS:
        kind, name, department = _ORGANISATIONS[role.code]
        organisation, _ = Organisation.objects.get_or_create(
            region=region, name=f"{region.name}{name}", defaults={"kind": kind, "department": department}
        )
    key = pyotp.random_base32() if role.second_factor else ""
    user, new = User.objects.get_or_create(username=username, defaults={"name": f"演示·{role.name}"})
    user.totp_secret = key or None
    user.set_password(password)
    user.save()
    Membership.objects.get_or_create(
        user=user,
        role=role,
        region=region,
        organisation=organisation,
        defaults={"valid_from": date(2022, 1, 1)},
    )
    if new:
        record("create", kind="user", key=user.pk, details={"role": role.code, "region": region.code})
    return {"username": username, "role": role.name, "region": region.name, "totp": key}


def finish(people: People) -> People:
    """Tie the demonstration's worker to somebody of the county who has rights, and mark all as loaded."""
    from chunfeng.apps.accounts.models import User
    from chunfeng.apps.places.numbers import reach
    from chunfeng.apps.places.scope import Scope, use
    from chunfeng.apps.registry.models import Person

    with use(Scope(reach(people.county), "demo", "演示用的劳动者账号")):
        person = Person.objects.mine().exclude(categories=[]).exclude(id18_mask="").order_by("key").first()
        if person is not None:
            User.objects.filter(username="worker").update(person=str(person.key)[:12], name=person.name)
    people.complete = True
    save(people)
    return people


def lines(people: People, address: str) -> list[str]:
    """The address and every sign-in, with the codes of the second factor that hold now."""
    import pyotp

    told = [
        "",
        f"春风已就绪，请用浏览器打开 / ready, open in a browser:   {address}",
        f"所有演示用户的密码 / password of every demonstration user:   {people.password}",
        "",
        "用户名 sign-in              身份 role                   动态口令 code   地区 region",
    ]
    for user in people.users:
        code = pyotp.TOTP(user["totp"]).now() if user["totp"] else "—"
        told.append(f"{user['username']:<26}  {_wide(user['role'], 26)}  {code:<12}  {user['region']}")
    told += [
        "",
        "动态口令 30 秒一换：./chunfeng demo --codes 再看一次 / codes change every 30 seconds",
        "按 Ctrl-C 停止，数据都会保留 / Ctrl-C stops everything, all data are kept",
    ]
    return told


def _wide(text: str, width: int) -> str:
    """Filled up to a width on the screen, where a Han character takes two places."""
    return text + " " * max(0, width - sum(2 if east_asian_width(c) in "WF" else 1 for c in text))
