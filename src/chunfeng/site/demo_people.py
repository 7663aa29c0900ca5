"""Demonstration users: one for every role and one for every office that hands lists in, with one password kept in the folder."""

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
from chunfeng.site.demo_senders import Sender, Story

_FILE = "demo.json"


@dataclass
class People:
    """What the demonstration made: `county` its code, `users` those that can sign in, `complete` once all is loaded.

    `today`: the day it stands on, empty for the real one; `phone`: the worker's, who may sign in by text.
    """

    county: str
    password: str
    users: list[dict[str, str]] = field(default_factory=list)
    complete: bool = False
    today: str = ""
    phone: str = ""


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


def make(county: str, story: Story) -> People:
    """A user for every role there is, each at a place that suits its level, one of the neighbouring county, and every sender.

    Users that are there already are left alone. Needs Django to be set up.
    """
    from chunfeng.apps.accounts.models import Role
    from chunfeng.apps.places.numbers import EVERYWHERE
    from chunfeng.apps.places.scope import Scope, use

    people = load() or People(county, f"Chunfeng-{random.token_hex(4)}")
    people.county, people.today = county, story.day
    known = {user["username"] for user in people.users}
    places = _places(county)
    wanted = [(role.code, role, places[role.level]) for role in Role.objects.order_by("pk")]
    neighbour = places["neighbour"]
    if neighbour is not None:
        wanted.append(("neighbour_clerk", Role.objects.get(pk="county_clerk"), neighbour))
    with use(Scope(EVERYWHERE, "demo", "建立演示用户")):
        for username, role, region in wanted:
            if username not in known:
                organisation = _organisation(region, *_ORGANISATIONS.get(role.code, ()))
                people.users.append(_make_user(username, role, region, organisation, people.password))
        for sender in story.senders:
            if sender.user not in known and (sender.name or sender.town):
                people.users.append(_make_sender(sender, places["county"], people.password))
    save(people)
    return people


def _make_sender(sender: Sender, county: Any, password: str) -> dict[str, str]:
    """The user of an office that hands lists in. SetupError for a town that the county does not have."""
    from chunfeng.apps.accounts.models import Role
    from chunfeng.apps.places.models import Region

    if not sender.town:
        organisation = _organisation(county, "partner", sender.name, sender.department)
        role = Role.objects.get(pk="partner")
        name = f"{sender.department or sender.name}联络员"
        return _make_user(sender.user, role, county, organisation, password, name) | {
            "office": organisation.name
        }
    town = Region.objects.filter(parent=county, name=sender.town).first()
    if town is None:
        raise environment.SetupError(
            f"{county.name}没有{sender.town}。 / There is no such town in the county."
        )
    station = _organisation(town, "station", "劳动保障事务所", "")
    role = Role.objects.get(pk="town_officer")
    return _make_user(sender.user, role, town, station, password, f"{town.name}经办") | {"office": town.name}


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


def _organisation(region: Any, kind: str = "", name: str = "", department: str = "") -> Any:
    """The organisation of that name in a region, made when it is not there; None for no name."""
    from chunfeng.apps.places.models import Organisation

    if not name:
        return None
    found, _ = Organisation.objects.get_or_create(
        region=region, name=f"{region.name}{name}", defaults={"kind": kind, "department": department}
    )
    return found


def _make_user(
    username: str, role: Any, region: Any, organisation: Any, password: str, name: str = ""
) -> dict[str, str]:
    import pyotp
    from django.utils import timezone

    from chunfeng.apps.accounts import totp
    from chunfeng.apps.accounts.models import Membership, User
    from chunfeng.apps.audit.record import record

    key = pyotp.random_base32() if role.second_factor else ""
    user, new = User.objects.get_or_create(username=username, defaults={"name": f"演示·{name or role.name}"})
    user.set_password(password)
    user.save()
    if key:
        totp.set_up(user, key, pyotp.TOTP(key).now(), timezone.now())
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
    """Tie the demonstration's worker to somebody of the county who has rights, its employer to one that has vacancies, and
    mark all as loaded."""
    from chunfeng.apps.places.numbers import reach
    from chunfeng.apps.places.scope import Scope, use

    with use(Scope(reach(people.county), "demo", "演示用的劳动者和单位账号")):
        people.phone = _tie_worker()
        _tie_employer(people.county)
    people.complete = True
    save(people)
    return people


def _tie_worker() -> str:
    """Somebody with rights, work to choose from and a phone of their own, who then can sign in by text; the phone."""
    from chunfeng.apps.accounts.models import User
    from chunfeng.apps.matching.models import Recommendation
    from chunfeng.apps.registry.models import Person

    among = Person.objects.mine().exclude(categories=[]).exclude(id18_mask="").exclude(phone_index=None)
    offered = Recommendation.objects.mine().exclude(vacancy="").values("person")
    person = among.filter(pk__in=offered).order_by("key").first() or among.order_by("key").first()
    user = User.objects.filter(username="worker").first()
    if person is None or user is None:
        return ""
    user.person, user.name, user.phone = str(person.pk), person.name, person.phone
    user.save(update_fields=["person", "name", "phone", "phone_index"])
    return person.phone or ""


def _tie_employer(county: str) -> None:
    """The organisation of the demonstration's employer becomes the one that offers most, among those that seekers were sent to
    and that must correct something."""
    from django.db.models import Count, Q, Sum

    from chunfeng.apps.accounts.models import Membership
    from chunfeng.apps.matching.models import Vacancy
    from chunfeng.apps.places.models import Organisation

    known = Vacancy.objects.filter(county=county, employer_key__regex=r"^[0-9A-Z]{18}$").exclude(employer="")
    offers = known.values("employer_key", "employer").annotate(
        n=Count("pk"), wrong=Count("pk", filter=Q(lawful="no")), seekers=Sum("seekers")
    )
    offers = offers.order_by("-n", "employer_key")
    most = offers.filter(wrong__gt=0, seekers__gt=0).first() or offers.first()
    hat = Membership.objects.filter(user__username="employer").first()
    if most is None or hat is None or hat.organisation_id is None:
        return
    if not Organisation.objects.filter(region=hat.region_id, name=most["employer"]).exists():
        Organisation.objects.filter(pk=hat.organisation_id).update(
            name=most["employer"], credit_code=most["employer_key"]
        )


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
    for user in (user for user in people.users if "office" not in user):
        code = pyotp.TOTP(user["totp"]).now() if user["totp"] else "—"
        told.append(f"{user['username']:<26}  {_wide(user['role'], 26)}  {code:<12}  {user['region']}")
    senders = [f"{_wide(user['office'], 26)} {user['username']}" for user in people.users if "office" in user]
    if senders:
        told += ["", "报送单位 offices that hand lists in"]
        told += [
            "  ".join(_wide(each, 46) for each in senders[n : n + 2]).rstrip()
            for n in range(0, len(senders), 2)
        ]
    if people.today:
        told += ["", f"演示所处的日子 / the day the demonstration stands on: {people.today}"]
    if people.phone:
        told += [
            "",
            f"劳动者也可用手机号 {people.phone} 收验证码登录，短信看 {address}users/outbox/（县级复核）",
            "the worker may sign in by a code to that phone; texts are shown to county_approver there",
        ]
    told += [
        "",
        "动态口令 30 秒一换：./chunfeng demo --codes 再看一次 / codes change every 30 seconds",
        "按 Ctrl-C 停止，数据都会保留 / Ctrl-C stops everything, all data are kept",
    ]
    return told


def _wide(text: str, width: int) -> str:
    """Filled up to a width on the screen, where a Han character takes two places."""
    return text + " " * max(0, width - sum(2 if east_asian_width(c) in "WF" else 1 for c in text))
