"""What managers do with accounts: each is one transaction and one line in the audit."""

from __future__ import annotations

import secrets
from datetime import date, timedelta

from axes.utils import reset as unlock_name
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chunfeng.apps.accounts import granting, totp
from chunfeng.apps.accounts.granting import Refused
from chunfeng.apps.accounts.models import Membership, Role, User
from chunfeng.apps.audit.record import record
from chunfeng.apps.places.models import Organisation, Region
from chunfeng.apps.places.scope import current

ONE_TIME = timedelta(days=7)
_LETTERS = ("abcdefghjkmnpqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ", "23456789")


def one_time_password() -> str:
    """Three groups of four that can be read out: lower-case, capitals, digits, none that look alike (about 48 bits)."""
    groups = ["".join(secrets.choice(letters) for _ in range(4)) for letters in _LETTERS]
    return "-".join(groups)


def create_user(
    username: str,
    name: str,
    role: Role,
    region: Region,
    organisation: Organisation | None = None,
    valid_from: date | None = None,
    valid_to: date | None = None,
    phone: str | None = None,
    person: str = "",
    may_give: frozenset[str] | None = None,
) -> tuple[User, str]:
    """A new account with its first hat, and the one-time password it begins with (shown once, kept nowhere)."""
    start = valid_from or timezone.localdate()
    granting.check(None, role, region, organisation, start, valid_to, may_give)
    if User.objects.filter(username__iexact=username).exists():
        raise Refused(_("用户名 %(name)s 已有人用。") % {"name": username})
    password = one_time_password()
    user = User(username=username, name=name, phone=phone or None, person=person)
    _set_one_time(user, password)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as error:  # taken since it was looked up
        raise Refused(_("用户名 %(name)s 已有人用。") % {"name": username}) from error
    record("user.create", kind="user", key=user.pk, details={"role": role.pk, "region": region.pk})
    _add_hat(user, role, region, organisation, start, valid_to)
    return user, password


def _add_hat(
    user: User, role: Role, region: Region, organisation: Organisation | None, start: date, end: date | None
) -> Membership:
    return Membership.objects.create(
        user=user,
        role=role,
        region=region,
        organisation=organisation,
        valid_from=start,
        valid_to=end,
        granted_by_id=current().actor,
    )


def grant(
    user: User,
    role: Role,
    region: Region,
    organisation: Organisation | None,
    valid_from: date,
    valid_to: date | None,
) -> Membership:
    """One more hat for an account one manages."""
    granting.must_manage(user)
    granting.check(user, role, region, organisation, valid_from, valid_to)
    same = Membership.objects.filter(user=user, role=role, region=region, organisation=organisation)
    if same.valid_on(valid_from).exists():
        raise Refused(_("这个身份已经有了，可以改它的期限。"))
    hat = _add_hat(user, role, region, organisation, valid_from, valid_to)
    record("hat.grant", kind="user", key=user.pk, details=_hat_details(hat))
    return hat


def change_end(hat: Membership, valid_to: date | None) -> None:
    """Extend a hat, or let it end on a day to come; today or earlier ends it at once."""
    granting.must_manage(hat.user)
    today = timezone.localdate()
    if valid_to is not None and valid_to <= today:
        end(hat)
        return
    if hat.lent_from_id is not None:
        raise Refused(_("代理的期限由委托人决定，这里只能结束它。"))
    granting.check(hat.user, hat.role, hat.region, hat.organisation, min(hat.valid_from, today), valid_to)
    if valid_to is not None and valid_to < hat.valid_from:
        raise Refused(_("截止日期不能早于开始日期。"))
    Membership.objects.filter(pk=hat.pk).update(valid_to=valid_to)
    details = _hat_details(hat) | {"until": valid_to.isoformat() if valid_to else None}
    record("hat.until", kind="user", key=hat.user_id, details=details)


def end(hat: Membership) -> None:
    """Take a hat away at once. Its days before today stay on record; one that only began today leaves its history."""
    yesterday = timezone.localdate() - timedelta(days=1)
    now = Membership.objects.select_for_update().filter(pk=hat.pk).first()
    if now is None or (now.valid_to is not None and now.valid_to <= yesterday):
        raise Refused(_("这个身份已经结束了。"))
    details, user = _hat_details(now), now.user_id
    if hat.valid_from > yesterday:
        Membership.objects.filter(pk=hat.pk).delete()
    else:
        Membership.objects.filter(pk=hat.pk).update(valid_to=yesterday)
    record("hat.end", kind="user", key=user, details=details)


def _hat_details(hat: Membership) -> dict[str, object]:
    return {
        "role": hat.role_id,
        "region": hat.region_id,
        "organisation": hat.organisation_id,
        "from": hat.valid_from.isoformat(),
        "until": hat.valid_to.isoformat() if hat.valid_to else None,
    }


def edit(user: User, name: str, phone: str | None) -> None:
    """Correct name and phone."""
    granting.must_manage(user)
    changed = [field for field, value in (("name", name), ("phone", phone)) if getattr(user, field) != value]
    if not changed:
        return
    user.name, user.phone = name, phone
    user.save(update_fields=["name", "phone", "phone_index"])
    record("user.edit", kind="user", key=user.pk, details={"fields": changed})


def set_active(user: User, active: bool) -> None:
    """Close an account, which signs it out everywhere, or open it again."""
    granting.must_manage(user)
    if user.is_active != active:
        User.objects.filter(pk=user.pk).update(is_active=active)
        record("user.open" if active else "user.close", kind="user", key=user.pk)


def reset_password(user: User) -> str:
    """A new one-time password, shown once; whoever is signed in with the old one is signed out."""
    granting.must_manage(user)
    password = one_time_password()
    _set_one_time(user, password)
    user.save(update_fields=["password", "must_change_password", "one_time_until", "password_changed_at"])
    unlock_name(username=user.username)
    record("password.reset", kind="user", key=user.pk)
    return password


def _set_one_time(user: User, password: str) -> None:
    user.set_password(password)
    user.must_change_password = True
    user.one_time_until = timezone.now() + ONE_TIME
    user.password_changed_at = timezone.now()


def change_password(user: User, password: str) -> None:
    """One's own new password, already checked against the rules."""
    user.set_password(password)
    user.must_change_password, user.one_time_until = False, None
    user.password_changed_at = timezone.now()
    user.save(update_fields=["password", "must_change_password", "one_time_until", "password_changed_at"])
    record("password.change", kind="user", key=user.pk)


def reset_second_factor(user: User) -> None:
    """Take the second factor away (a lost phone); it is set up anew at the next sign-in."""
    granting.must_manage(user)
    totp.forget(user)
    record("second_factor.reset", kind="user", key=user.pk)


def unlock(user: User) -> None:
    """Let an account that was locked after failed attempts try again."""
    granting.must_manage(user)
    unlock_name(username=user.username)
    record("user.unlock", kind="user", key=user.pk)
