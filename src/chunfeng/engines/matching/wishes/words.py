"""The word lists of this room as compiled expressions: YAML in, `re` out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
_REPEATS = 4
_NAMED = re.compile(r"\{([\u4e00-\u9fff]+)\}")


@cache
def load(name: str) -> Any:
    """A YAML file of this room."""
    text = (HERE / f"{name}.yaml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def listed(text: str) -> list[str]:
    """Words separated by `|`, over several lines."""
    return [word for part in text.split("|") if (word := part.strip())]


def either(words: Iterable[str]) -> str:
    """Alternation of expressions, longest first so that the longest counts."""
    return "|".join(sorted(set(words), key=lambda word: (-len(word), word)))


def filled(pattern: str, parts: Mapping[str, str]) -> str:
    """The expression with every `{name}` replaced by the group of that name; KeyError for an unknown name."""
    return _NAMED.sub(lambda found: f"(?:{parts[found[1]]})", pattern)


def bounded(pattern: str) -> re.Pattern[str]:
    """The expression compiled, groups repeated a few times at most: no text can make the search run away."""
    return re.compile(
        re.sub(r"\)([*+])(?![+?])", lambda m: f"){{{'0' if m[1] == '*' else '1'},{_REPEATS}}}", pattern)
    )


def trie(words: Iterable[str]) -> str:
    """One expression for many plain words: the longest at a place counts, and common beginnings are read once."""
    root: dict[str, Any] = {}
    for word in words:
        node = root
        for letter in word:
            node = node.setdefault(letter, {})
        node[""] = {}
    return _branch(root)


def _branch(node: dict[str, Any]) -> str:
    ends = "" in node
    branches = [re.escape(letter) + _branch(below) for letter, below in sorted(node.items()) if letter]
    if not branches:
        return ""
    body = branches[0] if len(branches) == 1 and not ends else f"(?:{'|'.join(branches)})"
    return f"{body}?" if ends else body
