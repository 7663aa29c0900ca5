"""A text whose understood parts are replaced by marks, so that a few rules can speak of the rest.

While parts are being found a mark is two characters of the private use area: its kind, and its place in `parts`. Once all are
found the text is flat: one character a mark, its parts in the order of the text. Rules see flat text only, so that texts which
differ only in the words behind the marks are one text to them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

KINDS = "外本家曾不工业资薪时娃亲病孕难学"
"""What a mark may stand for, by the letter rules use: `{外}` is a place elsewhere; see kinds.yaml."""
_FIRST, _PLACE, MOST = 0xE000, 0xE100, 0x700
_LAST = _FIRST + len(KINDS) - 1
SIGN = {kind: chr(_FIRST + at) for at, kind in enumerate(KINDS)}
PATTERNS = {**SIGN, "号": f"[{chr(_FIRST)}-{chr(_LAST)}]"}
"""Expression of each kind of mark in flat text; 号 is any mark."""
ANY = re.compile(PATTERNS["号"])
PRIVATE = re.compile("[\ue000-\uf8ff]+")
_WITH_PLACE = re.compile(f"([{chr(_FIRST)}-{chr(_LAST)}])([{chr(_PLACE)}-{chr(_PLACE + MOST)}])")


class Part(NamedTuple):
    """What a mark stands for: its kind, the words as written, and what they mean."""

    kind: str
    words: str
    value: str


@dataclass(slots=True)
class Marked:
    """A text in which parts are being found."""

    text: str
    parts: list[Part] = field(default_factory=list)

    def mark(self, kind: str, words: str, value: str = "") -> str:
        """A new mark; beyond MOST parts in one text the words are left out."""
        if len(self.parts) >= MOST:
            return "，"
        self.parts.append(Part(kind, self.words(words), value))
        return SIGN[kind] + chr(_PLACE + len(self.parts) - 1)

    def replace(self, pattern: re.Pattern[str], put: str | Callable[[re.Match[str]], str | None]) -> None:
        """Every match becomes a mark of the kind `put`; a function gives the text to put there, None leaves it."""

        def new(found: re.Match[str]) -> str:
            if isinstance(put, str):
                return self.mark(put, found[0])
            text = put(found)
            return found[0] if text is None else text

        self.text = pattern.sub(new, self.text)

    def words(self, text: str) -> str:
        """A stretch of the marked text as it was written."""
        return _WITH_PLACE.sub(lambda found: self.parts[ord(found[2]) - _PLACE].words, text)

    def flat(self) -> tuple[str, tuple[Part, ...]]:
        """The text with one character a mark, and the parts of these marks in its order."""
        order = [self.parts[ord(place) - _PLACE] for _, place in _WITH_PLACE.findall(self.text)]
        return _WITH_PLACE.sub(r"\1", self.text), tuple(order)


def with_words(flat: Iterable[str | int], parts: tuple[Part, ...]) -> str:
    """Pieces of flat text, marks given by their number, as they were written."""
    return "".join(parts[piece].words if isinstance(piece, int) else piece for piece in flat)
