"""Who may hand out which hats, and whose account one may manage.

Nobody gives what lies outside their own reach, or a capability they neither hold nor may hand on (`Role.grantable`),
nobody gives anything to themselves, and nobody manages an account that can do more than they can give.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from chunfeng.apps.accounts.models import Membership, Role, User
from chunfeng.apps.gate.capabilities import Capability
from chunfeng.apps.places.models import Organisation, Region
from chunfeng.apps.places.scope import Scope, current

_LEVELS = ("province", "city", "county", "town", "village")


class Refused(ValueError):
    """What was asked for is not allowed; the message tells the reader why."""


def giveable(scope: Scope) -> frozenset[str]:
    """Capabilities the hat worn may hand out."""
    if Capability.ACCOUNTS_MANAGE not in scope.capabilities:
        return frozenset()
    grantable = Role.objects.filter(code=scope.role).values_list("grantable", flat=True).first()
    return frozenset(scope.capabilities) | frozenset(grantable or ())


def roles_to_give() -> list[Role]:
    """Roles the hat worn may hand out."""
    mine = giveable(current())
    return [
        role for role in Role.objects.all() if mine and set(role.capabilities) | set(role.grantable) <= mine
    ]


def check(
    user: User | None,
    role: Role,
    region: Region,
    organisation: Organisation | None,
    valid_from: date,
    valid_to: date | None,
    may_give: frozenset[str] | None = None,
) -> None:
    """Refused unless the hat worn may give this hat. `user` is None for an account that is only being made;
    `may_give`: `giveable(current())` where it is known already."""
    scope = current()
    mine = giveable(scope) if may_give is None else may_give
    if not mine:
        raise Refused(_("当前身份不能管理用户。"))
    if user is not None and user.pk in (scope.actor, scope.on_behalf_of):
        raise Refused(_("不能给自己授予身份，请由另一位管理员办理。"))
    if not scope.reach.covers(region.reach):
        raise Refused(_("%(region)s 不在您的地区范围内。") % {"region": region.full_name or region.name})
    if missing := (set(role.capabilities) | set(role.grantable)) - mine:
        names = _("、").join(str(Capability(code).label) for code in sorted(missing))
        raise Refused(_("您没有也不能授予：%(names)s。") % {"names": names})
    if not _fits(role, region):
        raise Refused(
            _("“%(role)s”是%(level)s级角色，不能用在%(region)s。")
            % {"role": str(role), "level": role.get_level_display(), "region": region.name}
        )
    if organisation is not None and not scope.reach.covers(organisation.region.reach):
        raise Refused(_("单位不在您的地区范围内。"))
    if organisation is None and role.own_organisation_only and Capability.SELF not in role.capabilities:
        raise Refused(_("“%(role)s”须写明单位。") % {"role": str(role)})
    if valid_to is not None and valid_to < valid_from:
        raise Refused(_("截止日期不能早于开始日期。"))


def _fits(role: Role, region: Region) -> bool:
    """Roles of province and city belong to just that level; those of a county may be worn in one of its towns, too."""
    if role.level not in _LEVELS:
        return True
    if role.level in ("province", "city"):
        return bool(region.level == role.level)
    return _LEVELS.index(region.level) >= _LEVELS.index(role.level)


def visible() -> QuerySet[User]:
    """Users who have, or had, a hat within reach."""
    low, high = current().reach
    return User.objects.filter(
        pk__in=Membership.objects.filter(region__place__gte=low, region__place__lt=high).values("user")
    )


def manageable(user: User, hats: Iterable[Membership] | None = None) -> bool:
    """Whether the hat worn may manage this account: every hat it has today or later lies within what one may give."""
    scope = current()
    mine = giveable(scope)
    if not mine or user.pk in (scope.actor, scope.on_behalf_of):
        return False
    today = timezone.localdate()
    if hats is None:
        hats = user.memberships.select_related("role", "region")
    hats = list(hats)
    living = [hat for hat in hats if hat.valid_to is None or hat.valid_to >= today]
    within = all(
        scope.reach.covers(hat.region.reach) and set(hat.role.capabilities) | set(hat.role.grantable) <= mine
        for hat in living
    )
    return within and any(scope.reach.covers(hat.region.reach) for hat in hats)


def must_manage(user: User) -> None:
    """Refused unless this account is mine to manage."""
    if not manageable(user):
        raise Refused(_("这个账号不归您管理：是您本人，或有您不能授予的身份。"))
