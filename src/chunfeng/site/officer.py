"""`./chunfeng officer`: the first user of a new platform, whom nobody could have given a hat."""

from __future__ import annotations

from chunfeng.site.environment import SetupError


def officer(username: str, name: str, role_code: str, region_code: str) -> int:
    """Make a user with that hat, and print the one-time password to begin with. SetupError when it cannot be."""
    from chunfeng.site.upgrade import setup

    setup()
    from chunfeng.apps.accounts import services
    from chunfeng.apps.accounts.granting import Refused
    from chunfeng.apps.accounts.models import Role
    from chunfeng.apps.gate.capabilities import Capability
    from chunfeng.apps.places.models import Region
    from chunfeng.apps.places.numbers import EVERYWHERE
    from chunfeng.apps.places.scope import Scope, use

    everything = frozenset(Capability.values)
    with use(Scope(EVERYWHERE, "setup", "首位用户", capabilities=everything)):
        role, region = (
            Role.objects.filter(pk=role_code).first(),
            Region.objects.filter(pk=region_code).first(),
        )
        if role is None or region is None:
            known = "、".join(Role.objects.order_by("pk").values_list("pk", flat=True))
            raise SetupError(
                f"没有这个角色或地区。角色有 {known} / There is no such role or region; roles are listed."
            )
        try:
            _user, password = services.create_user(username, name, role, region, may_give=everything)
        except Refused as error:
            raise SetupError(str(error)) from error
    print(f"用户 user {username}，{region.full_name or region.name} {role.name}")
    print(f"一次性密码 one-time password: {password}")
    print("首次登录须改密码，省、市级还须绑定动态口令 / to be changed at the first sign-in")
    return 0
