"""Who travels along and how many seats that takes, as written: 王丽、王小宝; 老公; 我和老公; 一家三口; 2人.

Companions come as names, as relations (`kin`, GB/T 4761) or as a mere number. A party counts the traveller. Whether the
column 同行人数 does so, too, differs from list to list: `counts_itself` lets the rows of the list vote.
"""

from __future__ import annotations

import re
from functools import lru_cache

import polars as pl

from chunfeng.engines.identity import names
from chunfeng.engines.identity.text import clean, is_placeholder
from chunfeng.reference import codes

TOKENS: dict[str, pl.DataType | type[pl.DataType]] = {
    "line": pl.UInt32, "at": pl.UInt32, "name": pl.String, "kin": pl.String, "id18": pl.String,
}  # fmt: skip
"""One companion: the line of the list, the place in its cell, and what is known of him or her."""
LARGEST = 60
"""More than a coach holds is a phone number in the wrong column, and no party."""

_SPLIT = re.compile(r"[、,，;；/|\n\r\t+&]+|\s+")
_AND = re.compile("[和与及跟同]")
_ID = re.compile(r"(?<![0-9])[1-9][0-9]{5}(?:19|20)[0-9]{9}[0-9Xx](?![0-9])")
_BRACKETS = re.compile(r"[(\[【]([^)\]】]*)[)\]】]?")
_SELF = re.compile("^(?:我|本人|自己|俺)$")
_COUNT = re.compile(
    "(?P<n>[0-9]{1,2}|[一二两三四五六七八九十])(?:个|位|名|口)?(?:大人|小孩|孩子|儿童|家人|家属|老乡|朋友|工友|同事|亲戚|人|口)"
)
_COUNT_BEHIND = re.compile(
    "^(?:大人|小孩|孩子|儿童|家人|家属|老乡|朋友|工友|同事|亲戚)(?P<n>[0-9]{1,2}|[一二两三四五六七八九十])[个位名口人]*$"
)
_PHONE = re.compile(r"(?<![0-9])1[0-9]{10}(?![0-9])")
_SOME = re.compile(
    "^(?:小孩子?|孩子|儿女|子女|家人|家属|老乡|朋友|工友|同事|亲戚|同伴|对象|男朋友|女朋友|爱人)$"
)
_COUPLE = re.compile(
    "(?:夫妻|夫妇|两公婆|公婆俩|两口子|小两口|老两口|父子|母子|母女|父女|兄弟|姐妹|我和|俩|两人|二人)"
)
_FAMILY = re.compile("一家(?P<n>[0-9]|[一二两三四五六七八九])口?")


@lru_cache(maxsize=65536)
def companions(text: str) -> tuple[tuple[str | None, str | None, str | None], ...]:
    """(name, kin, id18) of everybody a cell lists; three None for one of whom only the number is told."""
    said = clean(text)
    if not said or is_placeholder(said) or re.fullmatch(r"[0-9.]+", said):
        return ()
    ids = _ID.findall(said.replace(" ", ""))
    if family := _FAMILY.search(said):
        return ((None, None, None),) * max((_number(family["n"]) or 1) - 1, 0)
    said = _PHONE.sub(" ", _ID.sub(" ", said))
    found: list[tuple[str | None, str | None, str | None]] = []
    for token in _tokens(said):
        found.extend(_one(token))
    if len(ids) == len(found):
        return tuple((name, kin, number.upper()) for (name, kin, _), number in zip(found, ids, strict=True))
    return tuple(found) or tuple((None, None, number.upper()) for number in ids)


def _tokens(said: str) -> list[str]:
    parts = [part for part in _SPLIT.split(said) if part]
    divided: list[str] = []
    for part in parts:
        # 陈和平 is one person, 王丽和王小宝 are two
        if len(part) > 4 or _kin(part[1:]) or part[0] == "我":
            divided.extend(piece for piece in _AND.split(part) if piece)
        else:
            divided.append(part)
    return divided


def _one(token: str) -> list[tuple[str | None, str | None, str | None]]:
    note = _BRACKETS.search(token)
    bare = _BRACKETS.sub("", token).strip(" :：。.-_")
    inner = note[1] if note else ""
    if not bare or _SELF.match(bare) or _AND.fullmatch(bare) or is_placeholder(bare):
        return []
    if kin := _kin(bare):
        named = names.read(inner) if inner else None
        return [(named.name if named and named.kind == "ok" else None, kin, None)]
    if count := _COUNT.search(bare) or _COUNT_BEHIND.match(bare):
        number = _number(count["n"])
        return [(None, None, None)] * number if number is not None and number <= LARGEST else []
    if _SOME.match(bare):
        return [(None, None, None)]
    relation = next((bare[:n] for n in (3, 2, 1) if len(bare) - n >= 2 and _kin(bare[:n])), None)
    if (
        relation is not None
        and (named := names.read(bare[len(relation) :])).kind == "ok"
        and names.read(bare).name != bare
    ):
        # 妻子李芳 is a relation and a name, 孙女英 a name alone
        return [(named.name, _kin(relation), None)]
    read = names.read(bare)
    return (
        [(read.name or bare[:12], _kin(inner) if inner else None, None)]
        if re.search("[一-鿿A-Za-z]", bare)
        else []
    )


def _kin(word: str) -> str | None:
    return codes.lookup("kinship", word) if 0 < len(word) <= 4 else None


def _number(text: str) -> int | None:
    if text.isdigit():
        return int(text)
    single = "一二三四五六七八九十".find(text) + 1
    return single or (2 if text == "两" else None)


@lru_cache(maxsize=4096)
def written_party(text: str) -> int | None:
    """The persons of a party told in words, traveller included (我和老公 2, 一家三口 3); None for numbers and nothing."""
    said = clean(text).replace(" ", "")
    if family := _FAMILY.search(said):
        return _number(family["n"])
    if _COUPLE.search(said):
        return 2
    count = _COUNT.fullmatch(said)
    return _number(count["n"]) if count else None


def listed(texts: pl.Series, ids: pl.Series) -> pl.DataFrame:
    """The companions that each text names, with the numbers listed beside them: columns of TOKENS, line as position."""
    distinct = texts.drop_nulls().unique().sort()
    table = pl.DataFrame(
        [
            {"text": text, "at": at, "name": name, "kin": kin, "own": number}
            for text in distinct
            for at, (name, kin, number) in enumerate(companions(text))
        ],
        schema={"text": pl.String, "at": pl.UInt32, "name": pl.String, "kin": pl.String, "own": pl.String},
        orient="row",
    )
    lines = pl.DataFrame({"text": texts, "ids": ids}).with_row_index("line")
    numbers = (
        lines.select("line", pl.col("ids").str.replace_all(r"\s", "").str.extract_all(r"[1-9]\d{5}(?:19|20)\d{9}[\dXx]"))
        .explode("ids").drop_nulls("ids")
        .with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).over("line").alias("at"))
    )  # fmt: skip
    found = lines.select("line", "text").join(table, on="text").drop("text")
    both = found.join(numbers, on=["line", "at"], how="full", coalesce=True)
    return both.select(
        "line", "at", "name", "kin", pl.coalesce("own", pl.col("ids").str.to_uppercase()).alias("id18")
    ).select([pl.col(c).cast(t) for c, t in TOKENS.items()]).sort("line", "at")  # fmt: skip


def party(rows: pl.DataFrame) -> pl.Series:
    """Persons of each row's party, traveller included; null where the number written cannot be.

    `rows`: file, sheet, stated (Int64, as typed), words (what was written where no number was read), named (companions
    listed).
    """
    stated, named = pl.col("stated"), pl.col("named").cast(pl.Int64)
    told = rows["words"].map_elements(written_party, return_dtype=pl.Int64)
    counted = rows.with_columns(told.alias("told"), counts_itself(rows).alias("itself"))
    by_number = pl.when("itself").then(stated.clip(1)).otherwise(stated + 1)
    told_or = pl.coalesce("told", by_number, pl.lit(1))
    size = pl.max_horizontal(told_or, named + 1)
    fits = stated.is_null() | stated.is_between(0, LARGEST)
    return counted.select(pl.when(fits).then(size).cast(pl.UInt32).alias("party"))["party"]


def counts_itself(rows: pl.DataFrame) -> pl.Series:
    """Whether the row's list counts the traveller among 同行人数: each list by what most of its rows show.

    A row that lists n companions votes by saying n or n + 1, a zero says that the traveller is not counted. A list that
    shows nothing counts itself.
    """
    stated, named = pl.col("stated"), pl.col("named").cast(pl.Int64)
    apart = ((named > 0) & (stated == named)) | (stated == 0)
    together = (named > 0) & (stated == named + 1)
    votes = apart.cast(pl.Int32).sum() - together.cast(pl.Int32).sum()
    return rows.select((votes.over("file", "sheet").fill_null(0) <= 0).alias("itself"))["itself"]
