"""What users and roles are called, and which persons a text means. The rooms that have them say so; this one only asks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from chunfeng.apps.places.models import Region
from chunfeng.apps.places.numbers import region_code

_UserNames = Callable[[Iterable[int]], Mapping[int, str]]
_RoleNames = Callable[[], Mapping[str, str]]
_Finder = Callable[[str], list[int]]
_PersonFinder = Callable[[str], list[str]]
_told: dict[str, Any] = {}


def register(users: _UserNames, roles: _RoleNames, find: _Finder) -> None:
    """`users`: ids → names; `roles`: codes → names; `find`: ids of the users a text may mean."""
    _told.update(users=users, roles=roles, find=find)


def register_persons(find: _PersonFinder) -> None:
    """`find`: keys of the persons a text may mean, of those the scope may see; ValueError, in words, where it cannot tell."""
    _told["persons"] = find


def find_persons(text: str) -> list[str]:
    """Keys of the persons of this name or number. ValueError, in words, where that cannot be told."""
    found: list[str] = _told["persons"](text)
    return found


def users(keys: Iterable[int | None]) -> Mapping[int, str]:
    """Names of users, in one query."""
    names: Mapping[int, str] = _told["users"]({key for key in keys if key is not None})
    return names


def roles() -> Mapping[str, str]:
    """Names of roles."""
    names: Mapping[str, str] = _told["roles"]()
    return names


def find_users(text: str) -> list[int]:
    """Users whose name or sign-in name this is."""
    found: list[int] = _told["find"](text)
    return found


def offices(lows: Iterable[int]) -> dict[int, str]:
    """Names of the regions whose reach begins at these place numbers, in one query."""
    codes = {low: region_code(low) for low in set(lows) if low}
    names = dict(Region.objects.filter(code__in=codes.values()).values_list("code", "full_name"))
    return {low: names.get(code, code) for low, code in codes.items()}
