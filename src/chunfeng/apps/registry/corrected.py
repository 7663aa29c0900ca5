"""Corrections by staff as the list a run reads, and the fingerprint of each of its rows.

The list names persons by their number on the platform, which linkage does not know; which person a row is, is therefore
decided along with it (`state.decisions`), by the fingerprint the row will have.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby
from pathlib import Path

import polars as pl

from chunfeng.apps.registry.models import Correction, minted_number
from chunfeng.apps.vault import scratch
from chunfeng.engines.linkage.claims import all_claims
from chunfeng.engines.linkage.numbers import fingerprints
from chunfeng.engines.sheets.kinds import load_kinds
from chunfeng.pipeline import inputs, intake, mappings
from chunfeng.pipeline.registry import read_extracts

FILE = "经办-登记库更正登记.csv"
COLUMNS = {
    "id18": "更正的身份证号",
    "name": "姓名",
    "sex": "性别",
    "birth": "出生日期",
    "phone": "联系电话",
    "hukou_address": "户籍地址",
    "stay_address": "现居住地址",
    "hukou_kind": "户口性质",
    "education": "文化程度",
    "ethnicity": "民族",
    "marital_status": "婚姻状况",
}
"""Fields that may be corrected, and the heading each has in the list."""
_BY_NUMBER = ("id18", "sex", "birth")
"""Given where no verified citizen number is known. A verified one says sex and birth itself, and who the rows are: where it
is wrong, rows are with the wrong person."""


def correctable(has_id: bool) -> list[str]:
    """Fields of a person that staff may correct."""
    return [name for name in COLUMNS if not (has_id and name in _BY_NUMBER)]


def table(said: Sequence[Correction]) -> bytes:
    """The list: one row a person, only what was corrected is filled in. `said` sorted by person."""
    text = io.StringIO()
    out = csv.writer(text)
    out.writerow(("登记库人员编号", "更正编号", *COLUMNS.values(), "更正依据"))
    for person, group in groupby(said, key=lambda c: c.person_id):
        mine = list(group)
        values = {c.field: c.value for c in mine}
        out.writerow(
            (
                minted_number(person),
                "、".join(str(c.pk) for c in mine),
                *(values.get(name, "") for name in COLUMNS),
                "；".join(dict.fromkeys(c.evidence for c in mine)),
            )
        )
    return text.getvalue().encode("utf-8-sig")


def marks(said: Sequence[Correction]) -> Iterator[tuple[int, str, Correction]]:
    """(person, fingerprint of its row, one of its corrections): the list is read by the same reader as in a run."""
    if not said:
        return
    persons = {minted_number(c.person_id): c for c in said}
    content = table(said)
    with scratch.private("corrections", 20 * len(content)) as folder:
        read = _read(folder, content, said[0].county)
    for number, mark in read:
        yield persons[number].person_id, mark, persons[number]


def _read(folder: Path, content: bytes, county: str) -> list[tuple[str, str]]:
    given, out = folder / "in", folder / "out"
    for made in (given, out):
        made.mkdir(mode=0o700)
    (given / FILE).write_bytes(content)
    kinds, day = load_kinds(), date(2000, 1, 1)  # no age stands in the list, so that no date matters
    intake.run(
        inputs.find(given), out, folder / "readings", as_of=day, region=county, kinds=kinds, kind_folders=(),
        answers=mappings.load(out / "mappings", kinds), workers=1, progress=lambda done, total, name: None,
    )  # fmt: skip
    extracts = read_extracts(out)
    claims = all_claims(extracts, day)
    numbers = pl.concat([e.select("file", "sheet", "row", "id_number") for e in extracts])
    said = fingerprints(claims).join(claims.select("claim", "file", "sheet", "row"), on="claim")
    found = said.join(numbers, on=["file", "sheet", "row"], nulls_equal=True)
    return list(found.select("id_number", "fingerprint").iter_rows())
