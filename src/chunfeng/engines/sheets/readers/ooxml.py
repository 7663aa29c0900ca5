"""What calamine does not tell about an .xlsx: DTDs, endless cells, hidden columns, formulas, the date system.

Parts are streamed in blocks, so that a bomb is noticed before it is in memory.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

from chunfeng.engines.sheets.issues import ReadingError
from chunfeng.engines.sheets.limits import Limits

_BLOCK = 1 << 20
_COL = re.compile(rb"<(?:\w+:)?col\b([^>]*)/?>")
_ATTRIBUTE = re.compile(rb'(\w+)="([^"]*)"')
_FORMULA = re.compile(
    rb'<(?:\w+:)?c r="([A-Z]{1,3})(\d{1,7})"[^>]*>\s*<(?:\w+:)?f\b[^>]*?(?:/>|>([^<]*)</(?:\w+:)?f>)'
    rb"\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>([^<]*)</(?:\w+:)?v>)?"
)
_NUMBER_CELL = rb'<(?:\w+:)?c r="%s"[^>]*>\s*<(?:\w+:)?v>([^<]*)</'
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass(slots=True)
class SheetFacts:
    """What one sheet part says beside its values. Formulas without a stored result: {(row, column): text}."""

    hidden_columns: set[int] = field(default_factory=set)
    formulas: int = 0
    unsolved: dict[tuple[int, int], str] = field(default_factory=dict)
    part: str = ""


@dataclass(slots=True)
class WorkbookFacts:
    """The workbook's date system and the facts per sheet name."""

    epoch_1904: bool = False
    sheets: dict[str, SheetFacts] = field(default_factory=dict)


def column_index(letters: bytes | str) -> int:
    """Column letters to a position from 0: A is 0, AA is 26."""
    text = letters.decode() if isinstance(letters, bytes) else letters
    index = 0
    for char in text:
        index = index * 26 + ord(char) - 64
    return index - 1


def inspect(path: Path, limits: Limits) -> WorkbookFacts:
    """Stream every XML part once. Raises ReadingError for DTDs, endless cells and damaged parts."""
    facts = WorkbookFacts()
    try:
        with zipfile.ZipFile(path) as archive:
            names = {e.filename for e in archive.infolist()}
            if any(".." in n.split("/") for n in names):
                raise ReadingError("ARCHIVE_MEMBER_PATH", "..")
            parts = _sheet_parts(archive, names, facts)
            for entry in archive.infolist():
                if entry.filename.endswith((".xml", ".rels")):
                    facts_of_part = parts.get(entry.filename)
                    _stream(archive, entry, limits, facts_of_part)
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise ReadingError("FILE_DAMAGED", str(error)) from error
    return facts


def _sheet_parts(archive: zipfile.ZipFile, names: set[str], facts: WorkbookFacts) -> dict[str, SheetFacts]:
    if "xl/workbook.xml" not in names:
        return {}
    workbook = _small_xml(archive, "xl/workbook.xml")
    relations: dict[str, str] = {}
    if "xl/_rels/workbook.xml.rels" in names:
        for relation in _small_xml(archive, "xl/_rels/workbook.xml.rels"):
            target = relation.get("Target", "")
            full = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
            relations[relation.get("Id", "")] = full
    parts: dict[str, SheetFacts] = {}
    for node in workbook.iter():
        tag = node.tag.rsplit("}", 1)[-1]
        if tag == "workbookPr":
            facts.epoch_1904 = node.get("date1904", "0") in ("1", "true")
        elif tag == "sheet":
            part = relations.get(node.get(_RELATION, ""), "")
            sheet = SheetFacts(part=part)
            facts.sheets[node.get("name", "")] = sheet
            parts[part] = sheet
    return parts


def _small_xml(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    if archive.getinfo(name).file_size > 16 << 20:
        raise ReadingError("FILE_TOO_LARGE", name)
    data = archive.read(name)
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise ReadingError("FILE_ENTITIES", name)
    try:
        return ElementTree.fromstring(data)
    except ElementTree.ParseError as error:
        raise ReadingError("FILE_DAMAGED", f"{name}: {error}") from error


def _stream(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limits: Limits, sheet: SheetFacts | None
) -> None:
    """One part in blocks: refuse DTDs and endless text, note hidden columns and formulas."""
    carry = b""
    run = 0
    first = True
    columns_done = sheet is None
    with archive.open(entry) as part:
        while block := part.read(_BLOCK):
            if first and (b"<!DOCTYPE" in block or b"<!ENTITY" in block):
                raise ReadingError("FILE_ENTITIES", entry.filename)
            run = _longest_run(block, run, limits, entry.filename)
            if sheet is not None:
                data = carry + block
                if not columns_done:
                    columns_done = _hidden_columns(data, sheet)
                cut = data.rfind(b"<c ") if b"<c " in data else len(data)
                if b"<f" in data:
                    _formulas(data[:cut], sheet)
                carry = data[cut:][-limits.text_run_bytes :]
            first = False
    if sheet is not None and b"<f" in carry:
        _formulas(carry, sheet)


def _longest_run(block: bytes, run: int, limits: Limits, name: str) -> int:
    """Length of the text run that is open at the end of the block; a cell cannot be that long."""
    if len(block) <= limits.text_run_bytes // 2 and run == 0:
        return 0
    first = block.find(b"<")
    if first < 0:
        run += len(block)
    else:
        run = len(block) - block.rfind(b"<")
    if run > limits.text_run_bytes:
        raise ReadingError("FILE_BOMB", f"{name}: text without end")
    return run


def _hidden_columns(data: bytes, sheet: SheetFacts) -> bool:
    end = data.find(b"<sheetData")
    head = data if end < 0 else data[:end]
    for match in _COL.finditer(head):
        attributes = dict(_ATTRIBUTE.findall(match.group(1)))
        if attributes.get(b"hidden") in (b"1", b"true"):
            first, last = int(attributes.get(b"min", b"1")), int(attributes.get(b"max", b"1"))
            sheet.hidden_columns.update(range(first - 1, min(last, 16384)))
    return end >= 0


def _formulas(data: bytes, sheet: SheetFacts) -> None:
    for match in _FORMULA.finditer(data):
        sheet.formulas += 1
        if not match.group(4) and match.group(3):
            text = unescape(match.group(3).decode("utf-8", "replace"))
            sheet.unsolved[(int(match.group(2)), column_index(match.group(1)))] = "=" + text


def raw_numbers(path: Path, part: str, cells: list[tuple[int, int]]) -> dict[tuple[int, int], str]:
    """The stored numbers of a few cells (row from 1, column from 0), for dates no calendar has."""
    found: dict[tuple[int, int], str] = {}
    with zipfile.ZipFile(path) as archive:
        data = archive.read(part)
    for row, column in cells:
        letters, rest = "", column + 1
        while rest:
            rest, digit = divmod(rest - 1, 26)
            letters = chr(65 + digit) + letters
        match = re.search(_NUMBER_CELL % f"{letters}{row}".encode(), data)
        if match:
            found[(row, column)] = match.group(1).decode()
    return found
