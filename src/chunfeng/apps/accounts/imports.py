"""Many users from a spreadsheet: every row looked at first, the good ones made, the passwords handed over once."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chunfeng.apps.accounts import granting, hats, services
from chunfeng.apps.accounts.fields import clean_name, clean_phone, clean_username, person_within
from chunfeng.apps.accounts.granting import Refused
from chunfeng.apps.accounts.import_reading import HEADINGS, REQUIRED
from chunfeng.apps.accounts.models import Membership, Role, User, UserImport
from chunfeng.apps.audit.record import record
from chunfeng.apps.places.models import Organisation, Region
from chunfeng.apps.places.numbers import NOWHERE
from chunfeng.apps.places.scope import Scope, current, use
from chunfeng.engines.identity import dates


def preview(rows: list[dict[str, str]], hat: Membership, file_name: str) -> UserImport:
    """Keep the rows with what is wrong with each, for the manager to look at."""
    looked_at = _Looked(rows)
    seen: dict[str, str] = {}
    for row in rows:
        row["problems"] = looked_at.problems(row, seen)  # type: ignore[assignment]
    bad = sum(bool(row["problems"]) for row in rows)
    made = UserImport.objects.create(
        by_id=current().actor,
        hat=hat,
        file_name=file_name[:200],
        rows=rows,
        good=len(rows) - bad,
        bad=bad,
    )
    record("users.preview", kind="import", key=made.pk, details={"rows": len(rows), "bad": bad})
    return made


class _Looked:
    """What the rows of one file name, looked up in a handful of queries."""

    def __init__(self, rows: list[dict[str, str]]) -> None:
        low, high = current().reach
        regions = {row.get("region", "") for row in rows}
        here = Region.objects.filter(place__gte=low, place__lt=high)
        self.by_code = {region.code: region for region in here.filter(code__in=regions)}
        self.by_name: dict[str, list[Region]] = {}
        for column in ("full_name", "name"):
            for region in here.filter(**{f"{column}__in": regions}):
                self.by_name.setdefault(getattr(region, column), []).append(region)
        self.roles = {}
        for role in Role.objects.all():
            self.roles |= {role.code: role, role.name: role, role.name_en or role.code: role}
        names = {row.get("organisation", "") for row in rows} - {""}
        self.organisations: dict[str, list[Organisation]] = {}
        for organisation in Organisation.objects.filter(
            name__in=names, region__place__gte=low, region__place__lt=high, active=True
        ).select_related("region"):
            self.organisations.setdefault(organisation.name, []).append(organisation)
        usernames = {row.get("username", "").lower() for row in rows}
        self.taken = {
            name.lower()
            for name in User.objects.extra(
                where=["lower(username) = ANY(%s)"], params=[list(usernames)]
            ).values_list("username", flat=True)
        }
        self.mine = granting.giveable(current())

    def region(self, text: str) -> Region:
        found = [self.by_code[text]] if text in self.by_code else self.by_name.get(text, [])
        if not found:
            raise Refused(_("您的地区范围内没有“%(name)s”。") % {"name": text})
        if len({region.pk for region in found}) > 1:
            raise Refused(_("有几个地区叫“%(name)s”，请填区划代码或全称。") % {"name": text})
        return found[0]

    def hat(self, row: dict[str, str]) -> dict[str, Any]:
        """The arguments of `services.create_user` that say what hat it is. Refused when something does not fit."""
        role = self.roles.get(row["role"])
        if role is None:
            raise Refused(_("没有“%(name)s”这个角色。") % {"name": row["role"]})
        region, organisation = self.region(row["region"]), None
        if name := row.get("organisation"):
            found = self.organisations.get(name, [])
            here = [each for each in found if each.region_id == region.pk] or found
            if len(here) != 1:
                raise Refused(
                    _("没有“%(name)s”这个单位，请先建单位。") % {"name": name}
                    if not here
                    else _("有几个单位叫“%(name)s”。") % {"name": name}
                )
            organisation = here[0]
        start = _date(row.get("valid_from", ""), HEADINGS["valid_from"]) or timezone.localdate()
        end = _date(row.get("valid_to", ""), HEADINGS["valid_to"])
        granting.check(None, role, region, organisation, start, end, self.mine)
        return {
            "role": role,
            "region": region,
            "organisation": organisation,
            "valid_from": start,
            "valid_to": end,
        }

    def problems(self, row: dict[str, str], seen: dict[str, str]) -> list[str]:
        found = [
            _("缺%(name)s。") % {"name": HEADINGS[field]} for field in REQUIRED if not row.get(field, "")
        ]
        username = row.get("username", "").lower()
        if username in self.taken:
            found.append(_("用户名已有人用。"))
        if username and username in seen:
            found.append(_("用户名与第 %(row)s 行相同。") % {"row": seen[username]})
        elif username:
            seen[username] = row["row"]
        checks = [(clean_name, "name"), (clean_username, "username"), (clean_phone, "phone")]
        for check, field in checks:
            try:
                check(row.get(field, ""))
            except ValueError as error:
                found.append(str(error))
        if not found:
            try:
                person_within(row.get("person", ""), self.hat(row)["region"].code)
            except ValueError as error:
                found.append(str(error))
        return found


def _date(text: str, name: str) -> date | None:
    if not text:
        return None
    read = dates.read(text).date
    if read is None:
        raise Refused(_("“%(name)s”不是日期：%(text)s。") % {"name": name, "text": text})
    return read


def accept(found: UserImport) -> None:
    """Make the accounts of the good rows, by the worker."""
    from chunfeng.apps.accounts.tasks import make_users

    changed = UserImport.objects.filter(pk=found.pk, state=UserImport.State.PREVIEW, good__gt=0).update(
        state=UserImport.State.WORKING
    )
    if not changed:
        raise Refused(_("这份名单已经处理过，或没有可建立的行。"))
    record("users.accept", kind="import", key=found.pk, details={"rows": found.good})
    make_users.defer(number=found.pk)


def make(number: int) -> None:
    """The accounts of an accepted file, all in one transaction; made already, nothing is done."""
    with transaction.atomic():
        found = (
            UserImport.objects.select_for_update(of=("self",))
            .select_related("hat__role", "hat__region")
            .get(pk=number)
        )
        if found.state != UserImport.State.WORKING:
            return
        with use(_scope(found)):
            worn = Membership.objects.filter(pk=found.hat_id).valid_on(timezone.localdate()).exists()
            looked_at = _Looked(found.rows)
            result = [_make_one(row, looked_at, worn) for row in found.rows]
            made = sum("password" in row for row in result)
            UserImport.objects.filter(pk=number).update(state=UserImport.State.DONE, good=made)
            found.result, found.rows = result, None
            found.save(update_fields=["result", "rows"])
            record("users.make", kind="import", key=number, details={"made": made})


def _scope(found: UserImport) -> Scope:
    """Of the hat it was asked with; of nothing where that was taken away meanwhile."""
    if found.hat is None:
        return Scope(NOWHERE, "none", "批量建用户", found.by_id)
    return hats.scope_of_hat(found.hat, "批量建用户")


def _make_one(row: dict[str, Any], looked_at: _Looked, worn: bool) -> dict[str, Any]:
    """The row with the one-time password, or with what was wrong with it."""
    if row["problems"]:
        return row
    try:
        if not worn:
            raise Refused(_("办理人的身份已经失效。"))
        hat = looked_at.hat(row)
        with transaction.atomic():
            _user, password = services.create_user(
                clean_username(row["username"]),
                clean_name(row["name"]),
                phone=clean_phone(row.get("phone", "")),
                person=person_within(row.get("person", ""), hat["region"].code),
                may_give=looked_at.mine,
                **hat,
            )
    except ValueError as error:
        return row | {"problems": [str(error)]}
    return row | {"password": password}


def fetch(found: UserImport) -> list[dict[str, Any]]:
    """The result with the passwords, once, whoever asks at the same moment: afterwards they are nowhere."""
    found = UserImport.objects.select_for_update().get(pk=found.pk)
    if found.by_id != current().actor or found.state != UserImport.State.DONE or found.result is None:
        raise Refused(_("结果只能由办理人取一次；密码丢了请逐个重置。"))
    result: list[dict[str, Any]] = found.result
    found.result, found.state = None, UserImport.State.FETCHED
    found.save(update_fields=["result", "state"])
    record("users.fetch", kind="import", key=found.pk, details={"rows": len(result)})
    return result
