"""What users and roles are called, for rooms below this one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db.models import Q
from django.utils.translation import get_language

from chunfeng.apps.accounts.models import Role, User
from chunfeng.apps.audit import names


def register() -> None:
    """Tell the audit."""
    names.register(user_names, role_names, find_users)


def user_names(keys: Iterable[int]) -> Mapping[int, str]:
    """Ids → names."""
    found = User.objects.filter(pk__in=list(keys)).values_list("pk", "name", "username")
    return {key: name or username for key, name, username in found}


def role_names() -> Mapping[str, str]:
    """Codes → names in the reader's language."""
    column = "name_en" if (get_language() or "").startswith("en") else "name"
    return dict(Role.objects.values_list("code", column))


def find_users(text: str) -> list[int]:
    """Users of this name or sign-in name, at most 200."""
    return list(User.objects.filter(Q(name=text) | Q(username=text)).values_list("pk", flat=True)[:200])
