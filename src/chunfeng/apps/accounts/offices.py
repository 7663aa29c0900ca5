"""What managers do with organisations and roles."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from chunfeng.apps.accounts import granting
from chunfeng.apps.accounts.granting import Refused
from chunfeng.apps.accounts.models import Membership, Role
from chunfeng.apps.audit.record import record
from chunfeng.apps.gate.capabilities import Capability
from chunfeng.apps.places.models import Organisation, Region
from chunfeng.apps.places.numbers import reach
from chunfeng.apps.places.scope import current


def within() -> QuerySet[Organisation]:
    """Organisations within reach."""
    low, high = current().reach
    return Organisation.objects.filter(region__place__gte=low, region__place__lt=high).select_related(
        "region"
    )


def save(organisation: Organisation, changed: list[str]) -> None:
    """Make or change an organisation within reach. `changed`: the names of its fields that differ."""
    scope = current()
    if Capability.ACCOUNTS_MANAGE not in scope.capabilities:
        raise Refused(_("当前身份不能管理单位。"))
    if not scope.reach.covers(organisation.region.reach):
        raise Refused(_("单位须在您的地区范围内。"))
    new = organisation.pk is None
    if not new:
        before = Organisation.objects.select_related("region").get(pk=organisation.pk)
        if not scope.reach.covers(before.region.reach):
            raise Refused(_("单位须在您的地区范围内。"))
    organisation.save()
    record(
        "organisation.create" if new else "organisation.edit",
        kind="organisation",
        key=organisation.pk,
        details={"fields": changed, "region": organisation.region_id},
    )


def roles() -> list[Role]:
    """Every role, with the number of hats worn today within reach as `worn`."""
    low, high = current().reach
    today = timezone.localdate()
    valid = Q(memberships__valid_from__lte=today) & (
        Q(memberships__valid_to__isnull=True) | Q(memberships__valid_to__gte=today)
    )
    here = Q(memberships__region__place__gte=low, memberships__region__place__lt=high)
    found = list(Role.objects.annotate(worn=Count("memberships", filter=valid & here)))
    order = {level: number for number, level in enumerate(Role.Level.values)}
    return sorted(found, key=lambda role: (order[role.level], role.code))


def may_edit_roles() -> bool:
    """The province sets what roles may do."""
    scope = current()
    return Capability.ACCOUNTS_MANAGE in scope.capabilities and scope.reach.covers(reach("35"))


def make_role(role: Role) -> None:
    """One more role: nothing in it that one may not give. Those outside the offices see their own organisation's only."""
    if not may_edit_roles():
        raise Refused(_("角色由省级调整。"))
    if beyond := set(role.capabilities) - granting.giveable(current()):
        names = _("、").join(str(Capability(code).label) for code in sorted(beyond))
        raise Refused(_("您没有也不能授予：%(names)s。") % {"names": names})
    if Role.objects.filter(pk=role.pk).exists():
        raise Refused(_("已有这个代码的角色。"))
    _second_factor(role, role.second_factor)
    role.own_organisation_only = role.level == Role.Level.OUTSIDE
    role.capabilities = [code for code in Capability.values if code in role.capabilities]
    role.save(force_insert=True)
    details = {"added": role.capabilities, "second_factor": role.second_factor, "level": role.level}
    record("role.create", kind="role", key=role.pk, details=details)


def edit_role(role: Role, capabilities: list[str], second_factor: bool) -> None:
    """Set what a role may do. Not one's own, nothing one may not give, and a role keeps what one may not take."""
    if not may_edit_roles():
        raise Refused(_("角色由省级调整。"))
    scope = current()
    if role.code == scope.role:
        raise Refused(_("不能改自己正在用的角色。"))
    mine = granting.giveable(scope)
    before, after = set(role.capabilities), set(capabilities)
    if beyond := (before ^ after) - mine:
        names = _("、").join(str(Capability(code).label) for code in sorted(beyond))
        raise Refused(_("您没有也不能授予：%(names)s。") % {"names": names})
    _second_factor(role, second_factor)
    role.capabilities = [code for code in Capability.values if code in after]
    role.second_factor = second_factor
    role.save(update_fields=["capabilities", "second_factor"])
    record(
        "role.edit",
        kind="role",
        key=role.pk,
        details={
            "added": sorted(after - before),
            "removed": sorted(before - after),
            "second_factor": second_factor,
        },
    )


def _second_factor(role: Role, wanted: bool) -> None:
    """Whoever sees a city or more signs in with a second factor, however the role is called."""
    if role.level in (Role.Level.PROVINCE, Role.Level.CITY) and not wanted:
        raise Refused(_("省、市级角色登录须动态口令。"))


def near_regions(limit: int = 60) -> list[Region]:
    """Regions to offer while one types: the hat's own and those straight below it."""
    low, high = current().reach
    own = Region.objects.filter(place=low).order_by("level").first()
    if own is None:
        return []
    return [own, *Region.objects.filter(reports_to=own, place__gte=low, place__lt=high)[:limit]]


def worn_in(organisation: Organisation) -> int:
    """How many hats of today belong to an organisation."""
    return Membership.objects.filter(organisation=organisation).valid_on(timezone.localdate()).count()
