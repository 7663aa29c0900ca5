"""A department's file in, a file of keyed tokens out: what may leave the house when names and numbers may not.

The file is read like any other (`engines.sheets`), in memory and batch by batch; nothing in clear is stored.
"""

from __future__ import annotations

import stat
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

import polars as pl

from chunfeng.engines.disclosure import attributes, tokens
from chunfeng.engines.sheets import extract
from chunfeng.engines.sheets.container import Refused, expand
from chunfeng.engines.sheets.extract import Request, SheetReading
from chunfeng.engines.sheets.issues import IssueLog, ReadingError, catalogue
from chunfeng.engines.sheets.kinds import Field, Kind, load_kinds
from chunfeng.engines.sheets.limits import DEFAULT, Limits
from chunfeng.pipeline import inputs
from chunfeng.pipeline.outputs import BOM, harmless, whole
from chunfeng.reference import regions

FIRST_COLUMNS = ("table", "row")
"""Before the tokens: the table's number within FILE (first is 1), and the row's number as the sender sees it."""

_COUNTY = 6
"""Digits of a county's code."""
_NO_PERSONS = ("employer", "post")
_USED = (
    "name", "id_number", "certificate_number", "birth_date", "phone",
    "village_code", "hukou_address", "home_address", "town", "village",
)  # fmt: skip
"""Fields that tokens are made of."""


class TokensError(Exception):
    """No token file was written; the message says why and what to do, Chinese first."""


@dataclass(frozen=True, slots=True)
class Key:
    """A secret shared by two sides. `warnings`: what is wrong with it or its file, for people to read."""

    value: bytes = field(repr=False)
    fingerprint: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the file: which of its columns were used, and how its rows fared."""

    number: int
    file: str
    sheet: str
    columns: tuple[tuple[str, str], ...]
    """Field (Chinese label) and the sender's header, of fields that tokens were made of."""
    rows: int
    records: int
    persons: bool = True


@dataclass(slots=True)
class Made:
    """An account of a token file: no value of a row is in it."""

    tables: list[Table] = field(default_factory=list)
    tokens: Counter[str] = field(default_factory=Counter)
    records: int = 0
    bare: int = 0
    """Records without any token."""
    kept: tuple[str, ...] = ()
    few_alike: int = 0
    """Records whose kept attributes fewer than `attributes.FEW` records share."""
    refused: list[tuple[str, str]] = field(default_factory=list)
    """Members of a bundle that were not read, and why."""


# --- the key ---------------------------------------------------------------------------------------------------------


def read_key(path: Path, *, allow_short: bool = False) -> Key:
    """The key of a file: its bytes without a byte order mark before and line ends behind.

    Raises TokensError for a file that is missing, empty, UTF-16, or holds fewer than `tokens.SHORTEST_KEY` bytes
    (with `allow_short`, for keys agreed on earlier, that is a warning).
    """
    try:
        raw = path.read_bytes()
        mode = path.stat().st_mode
    except OSError as error:
        raise TokensError(f"密钥文件 {path} 读不到。 / The key file cannot be read.") from error
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise TokensError(
            f"密钥文件 {path} 是 UTF-16 编码，请另存为 UTF-8 或 ANSI 文本。 / The key file is UTF-16: save it as UTF-8."
        )
    value = raw.removeprefix(BOM).rstrip(b"\r\n")
    if not value:
        raise TokensError(f"密钥文件 {path} 是空的。 / The key file is empty.")
    warnings = []
    if len(value) < tokens.SHORTEST_KEY:
        short = (
            f"密钥只有 {len(value)} 字节，少于 {tokens.SHORTEST_KEY} 字节的可以被试出来。"
            f" / The key has {len(value)} bytes; fewer than {tokens.SHORTEST_KEY} can be found by trying."
        )
        if not allow_short:
            raise TokensError(f"{short} 生成新密钥的办法见 docs/tokens.md / how to make one: docs/tokens.md")
        warnings.append(short)
    if value != value.strip():
        warnings.append(
            "密钥首尾有空白，也算作密钥的一部分；请与对方核对指纹。 / Blanks at its ends are part of the key."
        )
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        warnings.append(
            f"密钥文件别人也能读，请执行 chmod 600 {path.name} / Others may read the key file: chmod 600"
        )
    return Key(value, tokens.fingerprint(value), tuple(warnings))


# --- the file --------------------------------------------------------------------------------------------------------


def make_tokens(
    path: Path,
    key: Key,
    out: Path,
    *,
    keep: Sequence[str] = (),
    i_know: bool = False,
    region: str | None = None,
    limits: Limits = DEFAULT,
) -> Made:
    """Read `path` and write `out`: FIRST_COLUMNS, the columns `tokens.TOKENS`, the kept attributes; one line a record.

    `keep`: attributes by field name, Chinese label or the sender's header; identifying ones only with `i_know`.
    `region`: code of the county the file speaks of; told from the file otherwise. Raises TokensError; then `out` is
    as it was.
    """
    _check(path, out, region)
    if region is None:
        region = inputs.county_of(path.parent, [inputs.Input(path.name, path, 0, "")])
    request = Request(load_kinds(), region=region, limits=limits)
    with TemporaryDirectory(prefix="chunfeng-") as room, whole(out) as part, part.open("wb") as file:
        writer = _Writer(file, key, keep, i_know, request.kinds)
        for source in expand(path, path.name, limits, Path(room)):
            if isinstance(source, Refused):
                writer.made.refused.append((source.name, catalogue()[source.code].message))
                continue
            log = IssueLog(source.name)
            try:
                for reading in extract.read(source, request, log):
                    writer.add(reading)
            except ReadingError as error:
                raise TokensError(
                    f"{source.name}：{catalogue()[error.code].message} / {catalogue()[error.code].english}"
                ) from error
        writer.finish()
    return writer.made


def _check(path: Path, out: Path, region: str | None) -> None:
    if not path.is_file():
        raise TokensError(f"找不到文件 {path}。 / There is no file {path}.")
    if region is not None and regions.get(region) is None:
        raise TokensError(f"没有区划代码 {region}。 / No region has the code {region}.")
    if not out.exists():
        return
    head = b""
    if out.is_file():
        with out.open("rb") as file:
            head = file.read(len(_HEAD))
    if head != _HEAD:
        raise TokensError(
            f"{out} 已经存在，又不是令牌文件，不覆盖；请换一个 --out。 / {out} exists and is no token file: choose another."
        )


_HEAD = BOM + ",".join((*FIRST_COLUMNS, *tokens.TOKENS)).encode()


class _Writer:
    """Writes table after table into one file, and counts."""

    def __init__(
        self, file: IO[bytes], key: Key, keep: Sequence[str], i_know: bool, kinds: Mapping[str, Kind]
    ) -> None:
        self.file, self.key, self.i_know = file, key, i_know
        self.keep = {name: _heading(name, kinds) for name in dict.fromkeys(keep)}
        self.made = Made(kept=tuple(self.keep.values()))
        self.met: set[str] = set()
        """Kept attributes that some table has."""
        self.offered: dict[str, None] = {}
        self.combinations: list[pl.Series] = []

    def add(self, reading: SheetReading) -> None:
        """All records of one sheet; a table of no persons is counted only."""
        kind = reading.plan.kind
        persons = reading.role == "records" and kind is not None and kind.subject not in _NO_PERSONS
        chosen = self._chosen(reading, kind) if persons and kind else {}
        number = len(self.made.tables) + 1
        for batch in reading.batches():
            if persons:
                self._write(batch, number, chosen)
        if reading.records:
            used = _used(reading) if persons else ()
            rows = sum(reading.counts.values())
            self.made.tables.append(
                Table(number, reading.file, reading.sheet, used, rows, reading.records, persons)
            )

    def finish(self) -> None:
        """Raises TokensError when the file would be of no use, or lacks what was asked for."""
        if not any(table.persons for table in self.made.tables):
            why = "；".join(f"{name}：{message}" for name, message in self.made.refused)
            raise TokensError(
                f"没有认出人员名单，未生成令牌。{why} 可用 ./chunfeng run 查看每一列被当作什么。"
                " / No table of persons was recognised."
            )
        if missing := [name for name in self.keep if name not in self.met]:
            raise TokensError(
                f"--keep {missing[0]}：表里没有这一项。可以随带的有 / it is in no table; there are: "
                + ("、".join(self.offered) or "（无 none）")
            )
        if not self.made.tokens.total():
            raise TokensError(
                "没有一行能生成令牌：证号、姓名、电话、村居都缺或都不确定。 / No row has what a token is made of."
            )
        if self.combinations:
            self.made.few_alike = attributes.few_alike(pl.concat(self.combinations))

    def _chosen(self, reading: SheetReading, kind: Kind) -> dict[str, Field]:
        """Which field of this table each kept attribute is. Raises TokensError for one that may not travel."""
        headers = {c.field: c.header for c in reading.plan.columns if c.field}
        for name in headers:
            if attributes.refusal(name, kind.field(name).type) is None:
                self.offered[kind.field(name).label] = None
        chosen: dict[str, Field] = {}
        for asked in self.keep:
            named = [f for f in kind.fields if f.name in headers and asked == headers[f.name]]
            named += [f for f in kind.fields if asked in (f.name, f.label)]
            if not named:
                continue
            why = attributes.refusal(named[0].name, named[0].type)
            if why and not self.i_know:
                raise TokensError(
                    f"--keep {asked}：{why}，会暴露本人或他人，不随令牌报送；确有依据的，加 --i-know。"
                    " / It tells who a person is; --i-know if the law lets you."
                )
            chosen[asked] = named[0]
            self.met.add(asked)
        return chosen

    def _write(self, batch: pl.DataFrame, number: int, chosen: Mapping[str, Field]) -> None:
        made = tokens.tokens_of(tokens.parts_of(batch), self.key.value)
        kept = pl.DataFrame([self._kept(batch, asked, chosen.get(asked)) for asked in self.keep])
        first = batch.select(pl.lit(number, pl.UInt32).alias("table"), "row")
        frame = pl.concat([first, made, kept], how="horizontal")
        if not self.made.records:
            self.file.write(BOM)
        harmless(frame).write_csv(self.file, include_header=not self.made.records, line_terminator="\r\n")
        self.made.records += frame.height
        self.made.tokens.update({name: frame.height - made[name].null_count() for name in made.columns})
        self.made.bare += int(made.select(pl.all_horizontal(pl.all().is_null())).to_series().sum())
        if self.keep:
            self.combinations.append(kept.hash_rows())

    def _kept(self, batch: pl.DataFrame, asked: str, found: Field | None) -> pl.Series:
        """An attribute as text; a region no finer than its county, states that are none refused."""
        heading = self.keep[asked]
        if found is None:
            return pl.Series(heading, [None], dtype=pl.String).new_from_index(0, batch.height)
        if self.i_know:
            return _text(batch[found.name]).alias(heading)
        if found.type == "region":
            return batch[f"{found.name}_region"].str.slice(0, _COUNTY).alias(heading)
        values = _text(batch[found.name])
        if found.type == "text" and (odd := attributes.telling(values)):
            raise TokensError(
                f"--keep {asked}：有 {odd} 个单元格含长数字或长段文字，可能写有本人信息；核实后加 --i-know。"
                f" / {odd} cells hold long numbers or prose."
            )
        return values.alias(heading)


def _heading(asked: str, kinds: Mapping[str, Kind]) -> str:
    """What an attribute is called in the file: the label that `engines.sheets` knows, else as asked."""
    labels = (kind.by_name[asked].label for kind in kinds.values() if asked in kind.by_name)
    return next(labels, asked)


def _used(reading: SheetReading) -> tuple[tuple[str, str], ...]:
    kind = reading.plan.kind
    assert kind is not None
    columns = ((c.field, c.header) for c in reading.plan.columns if c.field in _USED)
    return tuple((kind.field(str(name)).label, header) for name, header in columns)


def _text(values: pl.Series) -> pl.Series:
    if values.dtype == pl.Boolean:
        values = values.cast(pl.Int8)
    if isinstance(values.dtype, pl.List):
        return values.cast(pl.List(pl.String)).list.join(";")
    return values.cast(pl.String)
