"""What the actions of the audit, and what they are done to, are called. Rooms add theirs with `register`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

_names: dict[str, Any] = {
    "signin": _("登录"),
    "signin_failed": _("登录失败"),
    "signout": _("退出"),
    "locked": _("多次失败锁定"),
    "denied": _("被拒绝"),
    "view": _("查看"),
    "search": _("查询"),
    "print": _("打印"),
    "reveal": _("查看完整号码"),
    "export": _("下载导出文件"),
    "export.ask": _("申请导出"),
    "export.approve": _("批准导出"),
    "export.refuse": _("不批准导出"),
    "export.make": _("生成导出文件"),
    "export.return": _("导出退回待批"),
    "export.expire": _("导出文件到期删除"),
    "keys.add": _("启用新密钥"),
    "keys.reseal": _("重新加密"),
    "keys.remove": _("去掉旧密钥"),
    "retention": _("到期清理"),
    "list": _("看名单"),
    "create": _("新建"),
    "update": _("修改"),
    "delete": _("删除"),
}

_kinds: dict[str, Any] = {
    "person": _("人员"),
    "page": _("页面"),
    "audit": _("审计记录"),
    "export": _("导出申请"),
    "key": _("密钥"),
    "column": _("加密列"),
    "entity": _("到期的记录"),
}


def register(names: Mapping[str, Any], kinds: Mapping[str, Any] | None = None) -> None:
    """Name a room's own actions, and the kinds of things they are done to."""
    _names.update(names)
    _kinds.update(kinds or {})


def kind_name(code: str) -> str:
    """The word for a kind of thing; the code itself where none was given."""
    return str(_kinds.get(code, code))


def action_name(code: str) -> str:
    """The word for an action; the code itself where none was given."""
    return str(_names.get(code, code))


def choices() -> list[tuple[str, str]]:
    """Every named action, for a filter."""
    return [(code, str(name)) for code, name in _names.items()]
