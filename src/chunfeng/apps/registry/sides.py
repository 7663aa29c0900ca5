"""A row beside a person: field by field, whether they agree, and the score in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from chunfeng.apps.intake.shown import cover_numbers
from chunfeng.apps.registry import words
from chunfeng.apps.registry.models import Doubt, Person
from chunfeng.apps.registry.selectors import ranked
from chunfeng.engines.identity import citizen_ids
from chunfeng.engines.sheets.kinds import load_kinds

COMPARED = ("name", "sex", "birth", "id18", "phone", "hukou_address", "stay_address")
"""What a row and a person are held against each other by."""
_OF_ROW = {
    "name": ("name", "name__raw"),
    "sex": ("sex",),
    "birth": ("birth_date", "birth_date__raw"),
    "id18": ("id_number", "id_number__raw", "certificate_number", "certificate_number__raw"),
    "phone": ("phone", "phone__raw"),
    "hukou_address": ("hukou_address", "hukou_address__raw"),
    "stay_address": ("home_address", "home_address__raw"),
}
_SLIPPED = 2
"""Positions in which a number typed wrongly may differ: two exchanged digits are two."""
_NOT_SHOWN = ("_kind", "_key", "_known15", "_org", "_year", "_month", "_day", "_region", "__raw", "_note")


@dataclass(frozen=True)
class Side:
    """One field of a row beside the same of a person: texts masked, and whether they agree (None: one is unknown)."""

    label: str
    row: str
    person: str
    agree: bool | None
    number: bool = False


def sides(doubt: Doubt, person: Person | None, content: dict[str, Any]) -> tuple[Side, ...]:
    """The row beside a person's file (`PersonFile.content`), what either knows."""
    said = doubt.content or {}
    taken: dict[str, list[str]] = {}
    for each in ranked(content.get("values", ())):
        taken.setdefault(each["field"], []).append(str(each["value"]))
    found = []
    for code in COMPARED:
        own = next((str(said[name]) for name in _OF_ROW[code] if said.get(name)), "")
        others = taken.get(code, []) if person is not None else []
        if code == "birth":
            own = _birth(said) or own
        if own or others:
            held = _same_number if code == "id18" else _agree
            shown = _("、").join(words.masked(code, o) for o in others[:3])
            text = number_shown(own) if code == "id18" else words.masked(code, own) if own else ""
            found.append(Side(str(words.FIELDS[code]), text, shown, held(own, others), code in words.MASKED))
    return tuple(found)


def number_shown(written: str) -> str:
    """A citizen number as a row has it, masked where it is one; what stands in its place (无, 3.50825E+17) as it is."""
    read = citizen_ids.read(written)
    if read is not None and (read.id18 or read.known15 or read.digits17):
        return words.masked("id18", read.id18 or read.digits or written)
    return cover_numbers(written)


def _agree(own: str, others: Sequence[str]) -> bool | None:
    return None if not own or not others else any(_alike(own, other) for other in others)


def _same_number(written: str, others: Sequence[str]) -> bool | None:
    """Whether a number as written may be one of these. None where what is legible of it tells nothing either way."""
    read = citizen_ids.read(written)
    sound = [other for other in others if len(other) == 18]
    if read is None or not sound:
        return None
    if read.id18 is not None:
        return read.id18 in sound
    if read.known15 is not None:
        return any(other.startswith(str(read.known15)) for other in sound)
    digits = read.digits or ""
    if read.kind == "scientific":  # the last digit shown is rounded
        return any(other.startswith(digits[:-1]) for other in sound) if len(digits) > 1 else None
    if read.kind == "masked" and len(digits) == 18:
        return any(all(d in ("*", o) for d, o in zip(digits, other, strict=True)) for other in sound)
    if (
        read.digits17 is not None and len(digits) == 18
    ):  # a digit is wrong somewhere: near is no contradiction
        wrong = min(sum(d != o for d, o in zip(digits, other, strict=True)) for other in sound)
        return None if wrong <= _SLIPPED else False
    return None


def _birth(said: dict[str, Any]) -> str:
    parts = [said.get(f"birth_date_{p}") for p in ("year", "month", "day")]
    return "-".join(str(p).zfill(2) for p in parts if p)


def _alike(one: str, other: str) -> bool:
    """Equal, or one is the other as far as it goes: 1985-03 and 1985-03-02, 莲峰镇莲东社区 in a longer address."""
    return one == other or (len(one) >= 4 and len(other) >= 4 and (one in other or other in one))


def cells_of(content: dict[str, Any]) -> list[tuple[str, str]]:
    """A row's cells as (heading, text), numbers masked; what was only worked out from them is left out."""
    labels = {f.name: f.label for kind in load_kinds().values() for f in kind.fields}
    shown = []
    for name, value in content.items():
        if name == "place" or name.endswith(_NOT_SHOWN) or name not in labels:
            continue
        text = str(value)
        code = {"id_number": "id18", "certificate_number": "id18"}.get(name, name)
        if "phone" in name:
            code = "phone"
        if code == "id18":
            text = number_shown(text)
        elif code == "phone" or code in words.TABLES:
            text = words.masked(code, text)
        shown.append((labels[name], text))
    return shown


def why(text: str) -> tuple[tuple[str, str], ...]:
    """The score in words, each piece with for, against or even."""
    pieces = []
    for piece in filter(None, text.split("；")):
        words_, _, bits = piece.rpartition(" ")
        sign = (
            "for"
            if bits.startswith("+") and bits not in ("+0.0",)
            else "against"
            if bits.startswith("-")
            else ""
        )
        pieces.append((words_ or piece, sign))
    return tuple(pieces)
