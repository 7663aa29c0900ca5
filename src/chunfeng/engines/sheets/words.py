"""Header words compared as people mean them: width, blanks, brackets and numbering do not matter."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_BRACKETS = re.compile(r"[(\[{<【〔《（][^()\[\]{}<>【】〔〕《》（）]*[)\]}>】〕》）]")
_NUMBERING = re.compile(r"^(\d{1,2}|[一二三四五六七八九十]{1,2})[.、)]+")
_NOISE = re.compile(r"[\s*＊:：;；,，。.、/\\|_\-—－~～'\"“”‘’·?？!！#＃]+")
_INVISIBLE = re.compile(r"[\u200b-\u200f\u2028-\u202e\u2060\ufeff\xad]")
_SYMBOLS = re.compile(r"[\U0001F000-\U0001FAFF\u2600-\u2608\u260a-\u260f\u2613-\u27bf\ufe0f]")


@lru_cache(maxsize=65536)
def normalise_header(text: str) -> str:
    """A header cell in the form synonyms are compared in; box signs (□ ☑) of tick columns are kept."""
    boxes = any(c in text for c in "□☑☐■")
    folded = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).strip()
    if boxes:
        return re.sub(r"\s+", "", folded)
    folded = _SYMBOLS.sub("", folded)
    without = _BRACKETS.sub("", folded)
    if not without.strip():
        without = folded
    without = _NUMBERING.sub("", without.strip())
    return _NOISE.sub("", without).upper()


@lru_cache(maxsize=65536)
def bigrams(text: str) -> frozenset[str]:
    """Pairs of neighbouring characters, ends marked, so that short words still compare."""
    padded = f"^{text}$"
    return frozenset(padded[i : i + 2] for i in range(len(padded) - 1))


def similarity(a: str, b: str) -> float:
    """How alike two normalised headers are, 0..1: Dice of bigrams, lifted when one contains the other."""
    if not a or not b:
        return 0.0
    if a == b:
        return 1.0
    x, y = bigrams(a), bigrams(b)
    dice = 2 * len(x & y) / (len(x) + len(y))
    short, long = sorted((a, b), key=len)
    if len(short) >= 2 and long.endswith(short):
        # the head noun of a Chinese header stands last: 被征地人姓名 is a name
        return max(dice, 0.55 + 0.35 * len(short) / len(long))
    if len(short) >= 2 and short in long:
        return max(dice, 0.4 + 0.4 * len(short) / len(long))
    return dice
