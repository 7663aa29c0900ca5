"""What calamine does not tell about a legacy .xls: password, date system, hidden columns (BIFF records)."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from pathlib import Path

import olefile

from chunfeng.engines.sheets.issues import ReadingError

_BOF, _EOF, _FILEPASS, _DATEMODE, _BOUNDSHEET, _COLINFO = 0x0809, 0x000A, 0x002F, 0x0022, 0x0085, 0x007D


@dataclass(slots=True)
class LegacyFacts:
    """Date system and hidden columns per sheet name."""

    epoch_1904: bool = False
    hidden_columns: dict[str, set[int]] = field(default_factory=dict)


def inspect(path: Path) -> LegacyFacts:
    """Walk the BIFF records of the workbook stream. Raises ReadingError for protected or damaged files."""
    try:
        with olefile.OleFileIO(str(path)) as ole:
            name = "Workbook" if ole.exists("Workbook") else "Book"
            data = ole.openstream(name).read()
    except (OSError, ValueError, IndexError) as error:
        raise ReadingError("FILE_DAMAGED", str(error)) from error
    facts = LegacyFacts()
    sheets: dict[int, str] = {}
    current: str | None = None
    offset = 0
    while offset + 4 <= len(data):
        record, size = struct.unpack_from("<HH", data, offset)
        body = data[offset + 4 : offset + 4 + size]
        if record == _FILEPASS:
            raise ReadingError("FILE_PASSWORD")
        if record == _DATEMODE and len(body) >= 2:
            facts.epoch_1904 = body[0] == 1
        elif record == _BOUNDSHEET and len(body) >= 8:
            sheets[struct.unpack_from("<I", body)[0]] = _sheet_name(body)
        elif record == _BOF:
            current = sheets.get(offset)
        elif record == _COLINFO and current is not None and len(body) >= 10:
            first, last, _, _, flags = struct.unpack_from("<HHHHH", body)
            if flags & 1:
                facts.hidden_columns.setdefault(current, set()).update(range(first, min(last, 255) + 1))
        offset += 4 + size
        if record == 0 and size == 0:
            break
    return facts


def _sheet_name(body: bytes) -> str:
    length = body[6]
    if body[7] & 1:
        return body[8 : 8 + 2 * length].decode("utf-16-le", "replace")
    return body[8 : 8 + length].decode("latin-1")
