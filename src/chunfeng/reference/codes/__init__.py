"""National code tables, and the code for what clerks write.

One CSV per table beside this file (code, name, aliases joined by `;`, sometimes parent); `SOURCES.toml` gives
the standard and the date of each. A table holds no code for "unknown" or "not stated": unknown is None here.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

from chunfeng.reference.data_files import HERE, rows

_DROPPED = re.compile(
    r"[\s\u200b-\u200f\u2060\ufeff\u00ad、,，.。;；:：/\\|·•'\"“”‘’()\[\]【】<>《》_\-‐-―—*]+"
)
_CODE_AND_NAME = re.compile(r"^([0-9]{1,2})([^0-9].*)$|^(.*[^0-9])([0-9]{1,2})$")
_OF_THE_HEAD = re.compile(r"^(?:与|是|系|为)?(?:户主|申请人|本人)?(?:的|之)?(?=.)")
_KIND_AND_GRADE = re.compile(r"^(.+?)([1-4一二三四壹贰叁肆]|I{1,3}|IV)级?$")


@dataclass(frozen=True, slots=True)
class Code:
    """One entry of a code table; `parent` is the code above it, None at the top or in a flat table.

    `marks` (occupations only): L green, S digital.
    """

    code: str
    name: str
    aliases: tuple[str, ...] = ()
    parent: str | None = None
    marks: tuple[str, ...] = ()


def tables() -> tuple[str, ...]:
    """Names of all tables, sorted."""
    return tuple(sorted(path.stem for path in (HERE / "codes").glob("*.csv")))


@cache
def table(name: str) -> tuple[Code, ...]:
    """All entries of a table in the order of the standard; KeyError for an unknown table."""
    if name not in tables():
        raise KeyError(f"no code table {name!r}; there are: {', '.join(tables())}")
    return tuple(
        Code(
            row["code"],
            row["name"],
            tuple(alias for alias in (row.get("aliases") or "").split(";") if alias),
            row.get("parent") or None,
            tuple(mark for mark in (row.get("marks") or "").split(";") if mark),
        )
        for row in rows(f"codes/{name}.csv")
    )


@cache
def _names(name: str) -> dict[str, str]:
    return {entry.code: entry.name for entry in table(name)}


def name_of(table: str, code: str) -> str | None:
    """The official Chinese name of a code; None when the table has no such code."""
    return _names(table).get(code)


def fold(text: str) -> str:
    """The form in which words are compared: NFKC, upper case, no blanks, no punctuation."""
    return _DROPPED.sub("", unicodedata.normalize("NFKC", text)).upper()


@cache
def _words(name: str) -> dict[str, str | None]:
    """Folded name or alias → code; None where two entries claim the same word.

    A group and a member of the same name (房地产业 K and 70) are one thing: the member is meant.
    """
    claims: dict[str, set[str]] = {}
    for entry in table(name):
        for word in {fold(entry.name), *map(fold, entry.aliases)}:
            claims.setdefault(word, set()).add(entry.code)
    parents = {entry.code: entry.parent for entry in table(name)}
    found: dict[str, str | None] = {}
    for word, claimants in claims.items():
        members = claimants - {parents[code] for code in claimants}
        found[word] = members.pop() if len(members) == 1 else None
    return found


@lru_cache(maxsize=200_000)
def lookup(table: str, text: str) -> str | None:
    """The code of what a clerk wrote: the code itself, the official name, or a common word for it.

    Full width, blanks and punctuation make no difference; "21大学本科毕业" counts when both halves agree.
    Unknown, doubtful or contradictory text gives None. KeyError for an unknown table.
    """
    names, words = _names(table), _words(table)
    typed = unicodedata.normalize("NFKC", text).strip()
    if typed.endswith(".0") and typed[:-2].isdigit():
        typed = typed[:-2]
    if typed in names:
        return typed
    folded = fold(typed)
    if folded.isdigit() and folded != typed.replace(" ", ""):
        return None  # "4-6" is no 46
    if folded in names:
        return folded
    if folded in words:
        return words[folded]
    if table == "ethnicity" and len(folded) == 1 and folded.isdigit():
        # spreadsheets drop the zero in front; in this table the other reading does not exist
        return _known(names, folded.zfill(2))
    both = _CODE_AND_NAME.match(folded)
    if both:
        code, word = both.group(1) or both.group(4), both.group(2) or both.group(3)
        if words.get(word) is not None:
            padded = code if code in names else code.zfill(len(next(iter(names))))
            return words[word] if padded == words[word] or padded not in names else None
    return _by_form(table, folded, words)


def _known(names: dict[str, str], code: str) -> str | None:
    return code if code in names else None


def _by_form(table: str, folded: str, words: dict[str, str | None]) -> str | None:
    """Forms that combine words: 户主之子, 肢体四级, 本地非农业户口."""
    if table == "kinship":
        return words.get(_OF_THE_HEAD.sub("", folded, count=1))
    if table in ("disability_kind", "disability_grade"):
        match = _KIND_AND_GRADE.match(folded)
        if match:
            kind = _words("disability_kind").get(match.group(1))
            grade = _words("disability_grade").get(match.group(2)) or match.group(2)
            if kind is not None:
                return kind if table == "disability_kind" else grade
    if table == "hukou":
        return words.get(
            re.sub(r"^(本地|外地|本市|外市|本县|外县|本省|外省|外埠|省内|省外|市内|市外)", "", folded)
        )
    if table in ("ethnicity", "education", "marital"):
        return words.get(re.sub(r"(毕业生|学历|文化程度|文化|状态)$", "", folded))
    return None
