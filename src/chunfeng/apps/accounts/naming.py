"""What users and roles are called, for rooms below this one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chunfeng.apps.accounts.models import Role, User
from chunfeng.apps.audit import actions, names
from chunfeng.ui.language import english as in_english

_ACTIONS = {
    "user.create": _("新建用户"),
    "user.edit": _("改用户资料"),
    "user.open": _("启用账号"),
    "user.close": _("停用账号"),
    "user.unlock": _("解锁账号"),
    "hat.grant": _("授予身份"),
    "hat.until": _("改身份期限"),
    "hat.end": _("结束身份"),
    "hat.lend": _("委托代理"),
    "password.reset": _("重置密码"),
    "password.change": _("修改密码"),
    "second_factor.set": _("设置动态口令"),
    "second_factor.given": _("通过动态口令"),
    "second_factor.wrong": _("动态口令不对"),
    "second_factor.recovery": _("用了备用码"),
    "second_factor.reset": _("清除动态口令"),
    "organisation.create": _("新建单位"),
    "organisation.edit": _("改单位"),
    "role.create": _("新建角色"),
    "role.edit": _("改角色"),
    "users.preview": _("核对用户名单"),
    "users.accept": _("确认用户名单"),
    "users.make": _("批量建立用户"),
    "users.fetch": _("取走一次性密码"),
}
_KINDS = {
    "user": _("用户"),
    "organisation": _("单位"),
    "role": _("角色"),
    "import": _("用户名单"),
    "outbox": _("待发短信"),
}


def register() -> None:
    """Tell the audit."""
    names.register(user_names, role_names, find_users)
    actions.register(_ACTIONS, _KINDS)


def user_names(keys: Iterable[int]) -> Mapping[int, str]:
    """Ids → names."""
    found = User.objects.filter(pk__in=list(keys)).values_list("pk", "name", "username")
    return {key: name or username for key, name, username in found}


def role_names() -> Mapping[str, str]:
    """Codes → names in the reader's language."""
    column = "name_en" if in_english() else "name"
    return dict(Role.objects.values_list("code", column))


def find_users(text: str) -> list[int]:
    """Users of this name or sign-in name, at most 200."""
    return list(User.objects.filter(Q(name=text) | Q(username=text)).values_list("pk", flat=True)[:200])
