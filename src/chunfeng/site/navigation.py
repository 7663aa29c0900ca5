"""The entries of the navigation a reader may use, by the capabilities of the hat worn."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chunfeng.apps.gate.capabilities import Capability as C

_SECTIONS: tuple[tuple[Any, tuple[tuple[Any, str, str, C], ...]], ...] = (
    (
        "",
        (
            (_("概览"), "home", "home", C.OVERVIEW),
            (_("我的"), "own", "person", C.SELF),
            (_("本单位"), "own-employer", "building", C.OWN_EMPLOYER),
            (_("活动"), "campaigns", "flag", C.OVERVIEW),
        ),
    ),
    (
        pgettext_lazy("page", "名单"),
        (
            (_("报送情况"), "intake-board", "list", C.INTAKE_READ),
            (_("报送名单"), "intake-send", "upload", C.INTAKE_SEND),
            (_("现行名单"), "intake-versions", "table", C.INTAKE_READ),
            (_("比对运行"), "intake-runs", "clock", C.INTAKE_READ),
        ),
    ),
    (
        _("登记库"),
        (
            (pgettext_lazy("page", "人员"), "registry", "people", C.REGISTRY_READ),
            (_("疑似同一人"), "registry-review", "pair", C.REGISTRY_REVIEW),
            (_("请村里核实"), "registry-inquiries", "question", C.REGISTRY_CORRECT),
            (_("比对疑点"), "registry-findings", "warning", C.REGISTRY_READ),
            (_("跨县同一人"), "registry-same", "merge", C.REGISTRY_READ),
        ),
    ),
    (
        _("管理"),
        (
            (pgettext_lazy("page", "用户"), "users", "people", C.ACCOUNTS_MANAGE),
            (pgettext_lazy("page", "单位"), "organisations", "building", C.ACCOUNTS_MANAGE),
            (pgettext_lazy("page", "角色"), "roles", "shield", C.ACCOUNTS_MANAGE),
            (_("审计"), "audit", "history", C.AUDIT_READ),
            (_("导出"), "exports", "download", C.EXPORT),
        ),
    ),
)
"""Section → (label, URL name, icon, capability)."""
_STAFF = frozenset({"intake-runs"})
"""Entries for offices alone, not for organisations that only hand in."""


def navigation(request: HttpRequest) -> dict[str, Any]:
    worn = getattr(request, "worn", None)
    if worn is None or worn.hat is None:
        return {"navigation": ()}
    allowed, outside = set(worn.hat.role.capabilities), worn.hat.role.own_organisation_only
    shown = [
        (
            label,
            [
                (text, reverse(name), icon)
                for text, name, icon, capability in entries
                if capability in allowed and not (outside and name in _STAFF)
            ],
        )
        for label, entries in _SECTIONS
    ]
    addresses = [url for _label, entries in shown for _text, url, _icon in entries]
    here = max((url for url in addresses if _leads_to(url, request.path)), key=len, default="")
    return {
        "navigation": [
            {
                "label": label,
                "items": [
                    {"label": text, "url": url, "icon": icon, "current": url == here}
                    for text, url, icon in entries
                ],
            }
            for label, entries in shown
            if entries
        ]
    }


def _leads_to(url: str, path: str) -> bool:
    return path == url or (url != "/" and path.startswith(url))
