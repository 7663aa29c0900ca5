"""A spreadsheet of users, read: its rows as text by our headings, whatever program wrote it."""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook

from chunfeng.apps.accounts.granting import Refused
from chunfeng.engines.sheets.readers.ooxml import column_index

HEADINGS = {
    "name": "姓名",
    "username": "用户名",
    "role": "角色",
    "region": "地区",
    "organisation": "单位",
    "phone": "手机号",
    "valid_from": "自",
    "valid_to": "至",
    "person": "人员编号",
}
REQUIRED = ("name", "username", "role", "region")
ROWS = 1_000
_BYTES, _UNPACKED = 2 * 1024 * 1024, 60 * 1024 * 1024
_CELLS = 10_000_000
"""From the first cell of a sheet to its last: so many the reader makes room for, however few are filled."""
_PLACE = re.compile(rb"""<(?:\w+:)?(?:c|row)\s[^>]*?\br\s*=\s*["']([A-Z]{0,3})(\d{1,7})["']""")
_PIECE, _OVERLAP = 1 << 20, 4_096


def read(name: str, content: bytes) -> list[dict[str, str]]:
    """Rows as heading → text, each with its number in the sheet under `row`. Refused when it cannot be read."""
    if len(content) > _BYTES:
        raise Refused(_("文件太大：用户名单不超过 2 MB。"))
    grid = (
        _workbook(content) if content[:2] == b"PK" or content[:4] == b"\xd0\xcf\x11\xe0" else _text(content)
    )
    head = next((number for number, row in enumerate(grid[:20]) if _positions(row)), None)
    if head is None:
        wanted = "、".join(HEADINGS[field] for field in REQUIRED)
        raise Refused(_("找不到表头：须有 %(names)s 各列，请用模板填写。") % {"names": wanted})
    at = _positions(grid[head])
    rows = []
    for number, row in enumerate(grid[head + 1 :], head + 2):
        values = {field: row[column] if column < len(row) else "" for field, column in at.items()}
        if any(values.values()):
            rows.append({"row": str(number)} | values)
    if not rows:
        raise Refused(_("表里没有数据行。"))
    if len(rows) > ROWS:
        raise Refused(_("一次最多 %(count)d 行，请分成几个文件。") % {"count": ROWS})
    return rows


def _positions(row: list[str]) -> dict[str, int]:
    """Field → column where this row is the heading, else nothing."""
    plain = [cell.replace(" ", "").rstrip("*＊") for cell in row]
    at = {field: plain.index(word) for field, word in HEADINGS.items() if word in plain}
    return at if all(field in at for field in REQUIRED) else {}


def _workbook(content: bytes) -> list[list[str]]:
    try:
        if content[:2] == b"PK":
            with zipfile.ZipFile(io.BytesIO(content)) as packed:
                if sum(part.file_size for part in packed.infolist()) > _UNPACKED:
                    raise Refused(_("文件展开后太大，不能读。"))
                if "xl/workbook.xml" not in packed.namelist():
                    raise Refused(_("打不开这个文件：请存为 .xlsx 或 .csv，不要加密。"))
                for part in packed.infolist():
                    _look_through(packed, part)
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
        return [
            [_cell(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False, nrows=ROWS + 50)
        ]
    except (CalamineError, zipfile.BadZipFile, zlib.error, EOFError, OSError, IndexError, ValueError,
            NotImplementedError, RuntimeError) as error:  # fmt: skip
        if isinstance(error, Refused):
            raise
        raise Refused(_("打不开这个文件：请存为 .xlsx 或 .csv，不要加密。")) from error


def _look_through(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Refused where a part has cells far out, for which the reader would take all memory; BadZipFile where its content is
    not as long as the list of contents says."""
    width = height = 1
    with packed.open(part) as content:
        carry = b""
        while piece := content.read(_PIECE):
            for letters, row in _PLACE.findall(carry + piece):
                width = max(width, column_index(letters) + 1)
                height = max(height, int(row))
            carry = piece[-_OVERLAP:]
    if width * height > _CELLS:
        raise Refused(_("表太大：最后一格在第 %(row)d 行。请把名单复制到一张新表再上传。") % {"row": height})


def _cell(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return " ".join(str(value).split())


def _text(content: bytes) -> list[list[str]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        lines = csv.reader(io.StringIO(text), delimiter="\t" if "\t" in text.split("\n", 1)[0] else ",")
        try:
            return [
                [" ".join(cell.split()) for cell in row]
                for _number, row in zip(range(ROWS + 50), lines, strict=False)
            ]
        except csv.Error:
            break
    raise Refused(_("打不开这个文件：请存为 .xlsx 或 .csv，不要加密。"))
