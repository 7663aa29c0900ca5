"""Names of persons as typed: the bare name, what it is, how it sounds.

- `name`: NFKC, unseen characters, emoji and blanks off, to the form used on citizens' cards (陳 → 陈,
  U+E863 → 䶮; standard name letters such as 昇, 喆, 堃 stay), dots of minority names unified to `·`, notes,
  numbers and titles around it taken off into `note`. Letters that cannot be read (某 × * ? □ �) become `*`.
  Null for placeholders and what is no name.
- `key`: toneless pinyin, exactly one syllable per Han letter, blanks between; surnames as surnames (单
  shan). `accent_key`: the same as a southern ear hears it. `*` is a hidden letter, `?` one without a known
  reading.
- `variant`: another spelling the text may stand for: 张王君 may be 张珺 whose letter was written as its
  parts. Where the parts cannot be a given name (罗福方方土) the letter is put together in `name` itself.
- `surname` of a titled or nicknamed person is the one used in addressing; None where the letter may be of
  the given name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache

import polars as pl

from chunfeng.engines.identity.han import (
    HAN,
    HIDDEN,
    accent,
    data_lines,
    simplified_forms,
    simplify,
    syllables,
)
from chunfeng.engines.identity.name_keys import accent_key, pinyin_key, same_sound
from chunfeng.engines.identity.name_words import (
    EMPTY_NAMES,
    KIN_AFTER_ONE,
    KIN_ALWAYS,
    LABELS,
    NICKNAME,
    NO_NAMES,
    ORGANISATION,
    TITLES,
    TRANSLITERATED,
)
from chunfeng.engines.identity.surnames import is_surname, split, surnames
from chunfeng.engines.identity.text import PLACEHOLDERS, blank, clean, is_placeholder, patch, read_each

__all__ = ["KINDS", "SCHEMA", "Name", "accent_key", "pinyin_key", "read", "read_column", "same_sound"]

KINDS = ("ok", "nickname", "titled", "masked", "placeholder", "not_name")
FIELDS = ("kind", "name", "surname", "given", "key", "accent_key", "variant", "note")
LONGEST = 60
"""Characters; a longer text is prose, and is not searched."""
SCHEMA = dict.fromkeys(FIELDS, pl.String)

# 〇 is a letter too, but in lists that are shown to the public 王〇〇 is what it is used for
_MASKS = frozenset("*×xX○◯〇□■▢?�某#_●◆△☐")
_HAN_ONLY = re.compile(f"[{HAN}]+")
_DOTS = re.compile(f"(?<=[{HAN}]) ?[·•・‧∙⋅●.。˙] ?(?=[{HAN}])")
_NUMBERING = re.compile(rf"^[(\[]?[0-9]{{1,4}}[)\].、,:号 -]{{0,3}}(?=[{HAN}])")
_COUNTER = re.compile(rf"(?<=[{HAN}])[-_ ]?[0-9]{{1,2}}$")
_BRACKETS = re.compile(r"[(\[【<《{]([^)\]】>》}]*)[)\]】>》}]?")
_APART = re.compile(r"[、,/;|&+ ]|和(?=.{2})")
_LATIN = re.compile(r"[A-Za-z][A-Za-z.'-]*(?: [A-Za-z.'-]+){1,5}")
_OUTER = " '\"‘’“”.,。、;:!~-/\\|`^=+·()[]【】<>《》{}"


@dataclass(frozen=True, slots=True)
class Name:
    """One cell; see the module for the meaning of each field."""

    kind: str | None
    name: str | None = None
    surname: str | None = None
    given: str | None = None
    key: str | None = None
    accent_key: str | None = None
    variant: str | None = None
    note: str | None = None


@lru_cache(maxsize=1)
def split_characters() -> dict[str, str]:
    """Parts → the rare letter they stand for, longest first (data/split_characters.txt)."""
    pairs = (line.split(" ") for line in data_lines("split_characters.txt"))
    return {pair[0]: pair[1] for pair in sorted(pairs, key=lambda pair: -len(pair[0]))}


def _tidy(text: str) -> str:
    """Cleaned, simplified, without emoji; private letters of unknown fonts become `*`."""
    kept = []
    for char in simplify(clean(simplify(text))):
        category = unicodedata.category(char)
        if category == "Co":
            kept.append(HIDDEN)
        elif char in _MASKS or category not in {"So", "Sk", "Cs", "Cn"}:
            kept.append(char)
    return clean("".join(kept)).strip(_OUTER)


def _named(kind: str, name: str, *, note: str | None = None, divided: tuple[str, str] | None = None) -> Name:
    key = pinyin_key(name)
    surname, given = divided or (None, None)
    return Name(kind, name, surname or None, given or None, key or None, accent_key(key) or None, note=note)


def _recomposed(name: str) -> tuple[str, bool] | None:
    """(name with a rare letter put together from its parts, whether that is certain)."""
    surname, given = split(name)
    for parts, char in split_characters().items():
        at = given.find(parts)
        if at < 0 or not 1 <= len(given) - len(parts) + 1 <= 2:
            continue
        # 陈林金容 may be two surnames and a given name; 孙婷金容 is not
        two_surnames = len(given) == 3 and is_surname(given[0])
        certain = len(parts) == 3 or (len(given) >= 3 and not two_surnames)
        return surname + given[:at] + char + given[at + len(parts) :], certain
    return None


def _addressed(word: str) -> str | None:
    """A surname used in addressing: 陈 of 陈嫂; None for 永 of 永嫂, which is of the given name."""
    known = surnames()
    return word if word in known.compound or word in known.common else None


def _titled(core: str) -> Name | None:
    """陈师傅, 李婶, 支书: a title in place of the name."""
    if core in TITLES:
        return _named("nickname" if core[0] == "阿" else "titled", core)
    for length in (4, 3, 2):
        rest, title = core[:-length], core[-length:]
        if title not in TITLES or not rest:
            continue
        if len(rest) == 1 or rest in surnames().compound or not is_surname(rest[0]):
            surname = _addressed(rest)
            return _named("titled", core, divided=(surname or "", ""))
        return None
    rest = core[:-1]
    kin = core[-1] in KIN_ALWAYS or (
        core[-1] in KIN_AFTER_ONE
        and (len(rest) == 1 or rest in surnames().compound or (len(rest) == 2 and not is_surname(rest[0])))
    )
    if rest and kin and len(rest) <= 3:
        return _named("titled", core, divided=(_addressed(rest) or "", ""))
    return None


def _nickname(core: str) -> Name | None:
    """阿明, 小李, 峰仔, 明明, 忠光: what one is called, without the surname."""
    if len(core) == 1:
        return _named("nickname", core, divided=(_addressed(core) or "", ""))
    known_full = len(core) == 3 and is_surname(core[0]) and core[0] not in "满"
    if NICKNAME.match(core) and not known_full and not (len(core) == 3 and set(core) <= TRANSLITERATED):
        surname = _addressed(core[1]) if core[0] in "小老" and len(core) == 2 else None
        return _named("nickname", core, divided=(surname or "", ""))
    if len(core) == 2 and (
        not is_surname(core[0]) or (core[0] == core[1] and core[0] not in surnames().common)
    ):
        return _named("nickname", core, divided=("", core))
    return None


def _masked(core: str) -> Name:
    shown = core.strip(HIDDEN)
    if not shown:
        return Name("placeholder")
    if not re.fullmatch(f"[{HAN}*·]{{1,8}}", core):
        return Name("not_name")
    surname = core[:2] if core[:2] in surnames().compound else core[0] if core[0] != HIDDEN else ""
    given = core[len(surname) :] if surname else ""
    return _named("masked", core, divided=(surname, "" if HIDDEN in given else given))


def _full(core: str) -> Name:
    """A name in Han letters that is no nickname, no title."""
    recomposed = _recomposed(core)
    if recomposed is not None and recomposed[1]:
        return replace(_full(recomposed[0]), note=core)
    known = is_surname(core[0]) or core[:2] in surnames().compound
    if len(core) > 4 or (len(core) == 4 and not known):
        return _named("ok", core) if len(core) <= 10 and set(core) <= TRANSLITERATED else Name("not_name")
    foreign = len(core) > 3 and set(core) <= TRANSLITERATED
    name = _named("ok", core, divided=split(core) if known and not foreign else None)
    return replace(name, variant=recomposed[0]) if recomposed is not None else name


def _judge(core: str) -> Name:
    """What a text without notes and blanks is."""
    if not core or core in EMPTY_NAMES or is_placeholder(core):
        return Name("placeholder")
    if core in NO_NAMES:
        return Name("not_name")
    if _LATIN.fullmatch(core) and not set(core.lower()) <= {"x", " ", "."}:
        return Name("ok", core)
    letters = "".join(HIDDEN if char in _MASKS else char for char in core)
    if HIDDEN in letters:
        return _masked(letters)
    if "·" in core:
        parts = core.split("·")
        fits = all(_HAN_ONLY.fullmatch(part) for part in parts) and len(core) <= 30
        return _named("ok", core) if fits else Name("not_name")
    if not _HAN_ONLY.fullmatch(core) or (len(core) > 3 and ORGANISATION.search(core)):
        return Name("not_name")
    return _titled(core) or _nickname(core) or _full(core)


def _without_words(text: str) -> tuple[str, list[str]]:
    """(the text without numbering, labels before and titles behind a full name; the words taken off)."""
    notes: list[str] = []
    text = _NUMBERING.sub("", text)
    if counter := _COUNTER.search(text):
        notes.append(counter[0].strip(" -_"))
        text = text[: counter.start()]
    for label in LABELS:
        rest = text[len(label) :].lstrip(" :-、·")
        if text.startswith(label) and len(rest) >= 2:
            notes.append(label)
            text = rest
            break
    for length in (4, 3, 2):
        rest = text[:-length].rstrip(" :-、·")
        title = text[-length:]
        # behind a name a label counts only with a sign between: 王建国-户主
        labelled = title in LABELS and rest != text[:-length]
        rest = rest.replace(" ", "")
        if (title in TITLES or labelled) and 2 <= len(rest) <= 4 and _HAN_ONLY.fullmatch(rest):
            if is_surname(rest[0]) and rest not in surnames().compound:
                notes.append(title)
                text = rest
            break
    return text, notes


def _several(text: str) -> bool:
    """Two names in one cell: 王芳、李明."""
    parts = [part for part in _APART.split(text) if part]
    return len(parts) > 1 and all(
        2 <= len(part) <= 4 and _HAN_ONLY.fullmatch(part) and is_surname(part[0]) for part in parts
    )


def read(text: str) -> Name:
    """The person's name a text holds. Never raises; a blank text has kind None."""
    tidy = _tidy(text)
    if not tidy:
        return Name("placeholder" if clean(text) else None)
    if is_placeholder(tidy):
        return Name("placeholder")
    if len(tidy) > LONGEST:
        return Name("not_name")
    tidy = _NUMBERING.sub("", tidy)
    inner = [part.strip() for part in _BRACKETS.findall(tidy) if part.strip()]
    outer = _BRACKETS.sub(" ", tidy).strip(_OUTER)
    outer = _DOTS.sub("·", outer)
    if _several(outer):
        return Name("not_name", note=outer)
    core, notes = _without_words(outer)
    name = _judge(re.sub(r"\s", "", core) if not _LATIN.fullmatch(core) else core)
    if name.kind in {"nickname", "titled", "placeholder", "not_name"} and len(inner) == 1:
        # 阿明（王建明）: the full name stands in brackets
        other = _judge(_without_words(inner[0])[0])
        if other.kind == "ok" and other.surname:
            name, inner = other, [core] if core else []
    notes = [*notes, *inner, *([name.note] if name.note else [])]
    return replace(name, note=";".join(notes) or None)


@lru_cache(maxsize=1)
def _plain_name() -> pl.Expr:
    """True where a text is so plain a name that `read` finds nothing to do: surname, one or two letters."""
    known = surnames()
    text, first, second, rest = pl.col("name"), pl.col("s0"), pl.col("s1"), pl.col("name").str.slice(1)
    letters = map(chr, range(0x4E00, 0xA000))
    other_forms = "".join(c for c in letters if c in simplified_forms() or c not in syllables())
    two = pl.col("name").str.len_chars() == 2
    odd = (
        text.str.contains(f"[某{other_forms}]")
        | text.is_in(sorted(NO_NAMES | EMPTY_NAMES | TITLES | PLACEHOLDERS))
        | text.str.slice(0, 2).is_in(sorted(known.compound))
        | text.str.slice(-2).is_in(sorted(TITLES))
        | text.str.tail(1).is_in(sorted(KIN_ALWAYS))
        | (two & second.is_in(sorted(KIN_AFTER_ONE)))
        | (two & (first == second))
        | text.str.contains(NICKNAME.pattern)
        | rest.is_in(sorted(split_characters()))
    )
    return text.str.contains("^[\u4e00-\u9fff]{2,3}$") & first.is_in(sorted(known.single)) & ~odd


@lru_cache(maxsize=1)
def _heard() -> tuple[pl.DataFrame, pl.DataFrame]:
    """Han letters with their syllable and accent; the same for those that are surnames, as surnames."""
    by_letter, known = syllables(), surnames()
    by_surname = {char: known.readings.get(char, by_letter.get(char)) for char in known.single}
    tables = (pl.DataFrame({"char": [*t], "key": [*t.values()]}) for t in (by_letter, by_surname))
    accents = {part: accent(part) for part in {*by_letter.values(), *known.readings.values()}}
    letters, first = (
        t.with_columns(accent_key=pl.col("key").replace_strict(accents, default=None)) for t in tables
    )
    return letters, first


def _keys() -> list[pl.Expr]:
    """`key` and `accent_key` of plain names."""
    letters, first = _heard()
    places = [pl.col("name").str.slice(place, 1) for place in range(3)]
    keys = []
    for column in ("key", "accent_key"):
        parts = [
            char.replace_strict(table["char"], table[column], default=None, return_dtype=pl.String)
            for char, table in zip(places, (first, letters, letters), strict=True)
        ]
        keys.append(pl.concat_str(parts, separator=" ", ignore_nulls=True).alias(column))
    return keys


def _plain_rows(distinct: pl.Series, columns: Sequence[str]) -> pl.DataFrame:
    """Those columns of FIELDS for plain names, nulls elsewhere."""
    frame = distinct.rename("text").to_frame()
    frame = frame.with_columns(name=pl.col("text").str.replace_all("[ \u3000]", ""))
    frame = frame.with_columns(s0=pl.col("name").str.slice(0, 1), s1=pl.col("name").str.slice(1, 1))
    frame = frame.select(name=pl.when(_plain_name()).then("name"), surname="s0")
    no_text = pl.lit(None, dtype=pl.String)
    frame = frame.with_columns(
        kind=pl.lit("ok"), given=pl.col("name").str.slice(1), variant=no_text, note=no_text
    )
    if {"key", "accent_key"} & set(columns):
        frame = frame.with_columns(_keys())
    named = pl.col("name").is_not_null()
    return frame.select(pl.when(named).then(pl.col(column)).alias(column) for column in columns)


_SET_BASED_PAYS = 1500
"""From so many distinct names on the columnar path is the quicker one; a village has some hundred."""


def read_column(values: pl.Series, columns: Sequence[str] = FIELDS) -> pl.DataFrame:
    """`read` of every value: `columns` of FIELDS (String). Blank → nulls. Each distinct text is read once."""
    distinct = values.rename("text").drop_nulls().unique()
    if len(distinct) < _SET_BASED_PAYS:
        return _read_each(values, columns)
    needed = list(dict.fromkeys(("kind", *columns)))
    rows = _plain_rows(distinct, needed)
    todo = rows["kind"].is_null() & ~blank(distinct)
    table = patch(rows, distinct, todo, lambda rest: _read_each(rest, needed)).with_columns(text=distinct)
    joined = values.rename("text").to_frame().join(table, on="text", how="left", maintain_order="left")
    return joined.select(columns)


def _read_each(values: pl.Series, columns: Sequence[str]) -> pl.DataFrame:
    return read_each(values, lambda text: asdict(read(text)), SCHEMA).select(columns)
