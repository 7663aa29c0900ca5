"""Slips of the hand: which valid numbers lie one keystroke away from a damaged one.

They are compared with persons already known and never put in the place of what was written: most damaged
numbers have a dozen valid neighbours, nearly all of which belong to nobody.
"""

from __future__ import annotations

from collections.abc import Iterator

from chunfeng.engines.identity import id_numbers

SLIPS = ("one_digit", "swap", "either", "none")
"""What could explain 18 damaged characters: one wrong digit, two neighbours exchanged, either, neither."""


def is_valid(characters: str) -> bool:
    """18 characters with possible issuer and birth date and the right check character?"""
    return (
        characters[:17].isdigit()
        and id_numbers.is_issuer(int(characters[:3]))
        and id_numbers.is_birth(int(characters[6:14]))
        and id_numbers.CHECK_CHARACTERS[id_numbers.check_sum(characters[:17])] == characters[17]
    )


def explain(characters: str) -> str:
    """Which slip could have made these 18 characters of a valid number: one of SLIPS."""
    digit = any(map(is_valid, _one_changed(characters)))
    swap = any(map(is_valid, _two_exchanged(characters)))
    return SLIPS[2] if digit and swap else SLIPS[0] if digit else SLIPS[1] if swap else SLIPS[3]


def candidates(characters: str) -> list[str]:
    """Valid numbers one keystroke away, each once, in the order of the place changed.

    Of 18 characters: one wrong or two exchanged; of 17: one left out; of 19: one too many; of others: none.
    """
    match len(characters):
        case 18:
            tried = [*_one_changed(characters), *_two_exchanged(characters)]
        case 17:
            tried = [characters[:i] + d + characters[i:] for i in range(18) for d in "0123456789X"]
        case 19:
            tried = [characters[:i] + characters[i + 1 :] for i in range(19)]
        case _:
            tried = []
    return list(dict.fromkeys(filter(is_valid, tried)))


def _one_changed(characters: str) -> Iterator[str]:
    for i, old in enumerate(characters):
        for new in "0123456789X" if i == 17 else "0123456789":
            if new != old:
                yield characters[:i] + new + characters[i + 1 :]


def _two_exchanged(characters: str) -> Iterator[str]:
    for i in range(17):
        left, right = characters[i], characters[i + 1]
        if left != right:
            yield characters[:i] + right + left + characters[i + 2 :]
