"""Invented citizen numbers as departments send them: mostly clean, the rest written or damaged in every way we know."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta

from chunfeng.engines.identity import id_numbers

_COUNTIES = (
    350825,
    352627,
    350102,
    350627,
    350681,
    352126,
    522425,
    360781,
    433127,
    110101,
    810000,
    830000,
    710000,
    935344,
)
"""Living and abolished codes, permits, a foreigner's card: no table of counties decides validity."""
_WIDE = str.maketrans("0123456789Xx", "０１２３４５６７８９Ｘｘ")


def number(rng: random.Random) -> str:
    """One verified number of 18 characters; it belongs to nobody we know of."""
    born = date(1930, 1, 1) + timedelta(rng.randrange(34_000))
    return id_numbers.id18_of(int(f"{rng.choice(_COUNTIES)}{born:%Y%m%d}{rng.randrange(1000):03d}"))


def _wrong_digit(rng: random.Random, text: str) -> str:
    place = rng.randrange(17)
    return text[:place] + rng.choice("0123456789") + text[place + 1 :]


def _swapped(rng: random.Random, text: str) -> str:
    place = rng.randrange(17)
    return text[:place] + text[place + 1] + text[place] + text[place + 2 :]


def _dropped(rng: random.Random, text: str) -> str:
    place = rng.randrange(18)
    return text[:place] + text[place + 1 :]


def _doubled(rng: random.Random, text: str) -> str:
    place = rng.randrange(18)
    return text[:place] + text[place] + text[place:]


def _as_number(text: str) -> float:
    return float(text[:15] + "000")


def _certificate(rng: random.Random, text: str) -> str:
    return f"{text}{rng.randrange(1, 8)}{rng.randrange(1, 5)}" + rng.choice(("", "", "", "B1", "b2"))


Spoil = Callable[[random.Random, str], str]
WRITTEN: tuple[Spoil, ...] = (
    lambda rng, t: t.translate(_WIDE),
    lambda rng, t: rng.choice((" ", "\u3000", "\u00a0", "'", "‘", "`", "\u200b", "\ufeff", "\t")) + t,
    lambda rng, t: t + rng.choice((" ", "\u3000", "\u00a0", "\t", "\r\n", "\u200b", ".", "'")),
    lambda rng, t: rng.choice(("-", " ", "－", "—")).join((t[:6], t[6:14], t[14:])),
    lambda rng, t: t.lower(),
    lambda rng, t: t.replace("X", rng.choice("×Хх✕Ｘ")),
    lambda rng, t: (
        t.replace("0", rng.choice("Oo"), 1) if rng.random() < 0.5 else t.replace("1", rng.choice("lI"), 1)
    ),
)
"""Ways of writing that lose nothing."""
DAMAGED: tuple[Spoil, ...] = (
    lambda rng, t: t[:15] + "000",
    lambda rng, t: t[:15] + "000.0",
    lambda rng, t: str(int(_as_number(t))),
    lambda rng, t: repr(_as_number(t)),
    lambda rng, t: f"{_as_number(t):.5E}",
    lambda rng, t: t[:6] + t[8:17],
    lambda rng, t: t[:6] + t[8:17] + rng.choice(("", "", "", "43", "21")),
    _certificate,
    _wrong_digit,
    _wrong_digit,
    _swapped,
    _dropped,
    _doubled,
)
"""Ways of spoiling, certificates and old numbers among them."""
RARE: tuple[Spoil, ...] = (
    lambda rng, t: t[:4] + "*" * 10 + t[14:],
    lambda rng, t: t[:6] + "XXXXXXXX" + t[14:],
    lambda rng, t: t[:17] + "*",
    lambda rng, t: f"身份证号：{t}",
    lambda rng, t: f"{t}（本人）",
    lambda rng, t: f"ID {t}",
    lambda rng, t: t + rng.choice(("", "/", "、", "\n")) + number(rng),
    lambda rng, t: t + "/" + t,
    lambda rng, t: rng.choice(
        ("无", "待补", "不详", "办理中", "——", "0", "000000000000000000", "123456", "没有身份证")
    ),
    lambda rng, t: rng.choice(("E12345678", "H0123456789", "护照EA1234567", "台胞证01234567")),
    lambda rng, t: rng.choice(("陈某", "164" + t[6:14], "65人", t[6:14], "#N/A", "1." + t)),
    lambda rng, t: t + rng.choice(("-", "B1", "00", "12345", "X", "A", "(2)")),
)
"""What needs reading."""


def dirty(rows: int, seed: int, spoiled: float = 0.15, rare: float = 0.1) -> list[str | None]:
    """A column: blank 1 %; `spoiled` written oddly or damaged, of that `rare` in forms seldom seen; the rest clean."""
    rng = random.Random(seed)
    column: list[str | None] = []
    for _ in range(rows):
        chance, text = rng.random(), number(rng)
        if chance < 0.01:
            column.append(rng.choice((None, "", " ", "\u3000")))
        elif chance < 0.01 + rare * spoiled:
            column.append(rng.choice(RARE)(rng, text))
        elif chance < 0.01 + (rare + (1 - rare) / 2) * spoiled:
            column.append(rng.choice(DAMAGED)(rng, text))
        elif chance < 0.01 + spoiled:
            column.append(rng.choice(WRITTEN)(rng, text))
        else:
            column.append(text)
    return column
