#!/usr/bin/env python3
"""Rebuild `engines/identity/data/syllables.txt`: every Han character with one toneless pinyin syllable.

Needs the MIT package pypinyin (0.55.0 was used) in the Python that runs this:

    python -m venv VENV && VENV/bin/pip install pypinyin
    VENV/bin/python tools/reference/pinyin.py src/chunfeng/engines/identity/data

The product does not depend on pypinyin: it reads the table. Readings that only hold in a surname (单 shàn)
are kept by hand in `surnames.txt`, since no package lists them completely; readings a given name prefers
stand below.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

# The dictionary's first reading is not the one heard in names (现代汉语词典 第7版).
IN_NAMES = {
    "晟": "sheng",
    "都": "du",
    "地": "di",
    "的": "di",
    "了": "liao",
    "着": "zhuo",
    "曾": "zeng",
    "莘": "xin",
    "率": "shuai",
    "厦": "xia",
    "埔": "pu",
    "莞": "guan",
}


def main(target: Path) -> None:
    from importlib.metadata import version

    from pypinyin import Style, lazy_pinyin
    from pypinyin.constants import PINYIN_DICT

    by_syllable: dict[str, list[str]] = defaultdict(list)
    for code in sorted(PINYIN_DICT):
        char = chr(code)
        if code < 0x3400 and char != "〇":
            continue
        syllable = IN_NAMES.get(char) or lazy_pinyin(char, style=Style.NORMAL)[0]
        syllable = syllable.replace("ü", "v").replace("ê", "e")
        if syllable.isascii() and syllable.isalpha():
            by_syllable[syllable].append(char)
    count = sum(map(len, by_syllable.values()))
    lines = [
        f"# Toneless pinyin (ü is v) of {count} Han characters, one line a syllable.",
        f"# Source: pypinyin {version('pypinyin')} (MIT), from Unihan kMandarin and pinyin-data.",
        "# Rebuilt by tools/reference/pinyin.py; do not edit.",
        *(f"{syllable} {''.join(chars)}" for syllable, chars in sorted(by_syllable.items())),
    ]
    (target / "syllables.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(by_syllable)} syllables, {count} characters")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
