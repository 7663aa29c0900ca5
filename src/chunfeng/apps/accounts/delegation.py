"""Lending a hat to a colleague for a time of leave; both see it, and the audit says on whose behalf things were done."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from chunfeng.apps.accounts import services
from chunfeng.apps.accounts.granting import Refused
from chunfeng.apps.accounts.models import Membership, Role, User
from chunfeng.apps.audit.record import record
from chunfeng.apps.gate.capabilities import Capability
from chunfeng.apps.places.scope import current

LONGEST = timedelta(days=60)


def lendable(user: User) -> QuerySet[Membership]:
    """Own hats of today that may be lent: none that is itself lent, none that is a person's own."""
    return (
        Membership.objects.filter(user=user, lent_from__isnull=True)
        .valid_on(timezone.localdate())
        .exclude(role__capabilities__contains=[Capability.SELF])
        .select_related("role", "region", "organisation")
    )


def colleagues(hat: Membership) -> QuerySet[User]:
    """Who may wear it in the meantime: those with a hat of their own in the same region or below it, in the same
    organisation where the hat is one's. Outsiders (partners, agencies, employers) wear none but their own organisation's."""
    low, high = hat.region.reach
    near = Q(region__place__gte=low, region__place__lt=high)
    same = Q(organisation=hat.organisation_id) if hat.organisation_id else Q(pk__in=[])
    near &= same if hat.role.own_organisation_only else same | ~Q(role__level=Role.Level.OUTSIDE)
    holders = (
        Membership.objects.filter(near, lent_from__isnull=True)
        .valid_on(timezone.localdate())
        .exclude(role__capabilities__contains=[Capability.SELF])
    )
    return User.objects.filter(is_active=True, pk__in=holders.values("user")).exclude(pk=hat.user_id)


def lend(hat: Membership, colleague: User, start: date, until: date, reason: str) -> Membership:
    """Lend one of my own hats. Never more than the hat itself, never longer than it lasts or than sixty days."""
    scope, today = current(), timezone.localdate()
    if hat.user_id != scope.actor or not lendable(hat.user).filter(pk=hat.pk).exists():
        raise Refused(_("只能委托自己现有的身份，代来的身份不能再委托。"))
    if not colleagues(hat).filter(pk=colleague.pk).exists():
        raise Refused(_("只能委托给本单位或本地区的在用账号。"))
    if start < today or until < start:
        raise Refused(_("日期须从今天起，截止日期不能早于开始日期。"))
    if until - start > LONGEST:
        raise Refused(_("一次委托最长 60 天。"))
    if hat.valid_to is not None and until > hat.valid_to:
        raise Refused(_("不能超过本人任职的截止日期 %(day)s。") % {"day": hat.valid_to.isoformat()})
    overlapping = Membership.objects.filter(
        user=colleague, lent_from=hat, valid_from__lte=until, valid_to__gte=start
    )
    if overlapping.exists():
        raise Refused(_("这段时间已经委托给这位同事了。"))
    lent = Membership.objects.create(
        user=colleague,
        role=hat.role,
        region=hat.region,
        organisation=hat.organisation,
        valid_from=start,
        valid_to=until,
        on_behalf_of=hat.user,
        lent_from=hat,
        granted_by=hat.user,
    )
    record(
        "hat.lend",
        kind="user",
        key=colleague.pk,
        reason=reason[:300],
        details={"hat": hat.pk, "from": start.isoformat(), "until": until.isoformat()},
    )
    return lent


def take_back(lent: Membership) -> None:
    """End a delegation at once: either side may."""
    if lent.lent_from_id is None or current().actor not in (lent.user_id, lent.on_behalf_of_id):
        raise Refused(_("只有委托人和代理人能收回委托。"))
    services.end(lent)


def of(user: User) -> tuple[list[Membership], list[Membership]]:
    """Delegations a user gave and received that hold today or later."""
    today = timezone.localdate()
    living = (
        Membership.objects.filter(lent_from__isnull=False, valid_to__gte=today)
        .select_related("user", "on_behalf_of", "role", "region", "organisation")
        .order_by("valid_from", "pk")
    )
    return list(living.filter(on_behalf_of=user)[:50]), list(living.filter(user=user)[:50])
