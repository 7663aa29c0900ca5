"""The entries of the navigation a reader may use, by the capabilities of the hat worn."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chunfeng.apps.gate.capabilities import Capability as C

_SECTIONS: tuple[tuple[Any, tuple[tuple[Any, str, str, C], ...]], ...] = (
    (
        "",
        (
            (_("概览"), "home", "home", C.OVERVIEW),
            (_("我的"), "own", "person", C.SELF),
            (_("活动"), "campaigns", "flag", C.OVERVIEW),
        ),
    ),
    (
        _("管理"),
        (
            (_("用户"), "users", "people", C.ACCOUNTS_MANAGE),
            (_("单位"), "organisations", "building", C.ACCOUNTS_MANAGE),
            (_("角色"), "roles", "shield", C.ACCOUNTS_MANAGE),
            (_("审计"), "audit", "history", C.AUDIT_READ),
            (_("导出"), "exports", "download", C.EXPORT),
        ),
    ),
)
"""Section → (label, URL name, icon, capability)."""


def navigation(request: HttpRequest) -> dict[str, Any]:
    worn = getattr(request, "worn", None)
    if worn is None or worn.hat is None:
        return {"navigation": ()}
    allowed = set(worn.hat.role.capabilities)
    sections = []
    for label, entries in _SECTIONS:
        items = [
            {
                "label": text,
                "url": (url := reverse(name)),
                "icon": icon,
                "current": request.path == url or (url != "/" and request.path.startswith(url)),
            }
            for text, name, icon, capability in entries
            if capability in allowed
        ]
        if items:
            sections.append({"label": label, "items": items})
    return {"navigation": sections}
