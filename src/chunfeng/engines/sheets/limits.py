"""How much a file may ask of us. One place, so that a server and a laptop can differ."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Reading limits; sizes in bytes. The defaults let a county laptop read a million-row csv and refuse bombs."""

    unpacked_bytes: int = 2 << 30
    """All parts of one archive or workbook together, unpacked."""
    ratio_bytes: int = 64 << 20
    ratio: int = 500
    """A part above `ratio_bytes` that was packed more than `ratio` : 1 is a bomb."""
    text_run_bytes: int = 1 << 20
    """Longest run of text between two XML tags; a cell may hold 32,767 characters."""
    archive_members: int = 2000
    archive_depth: int = 2
    cells: int = 60_000_000
    """Cells of one workbook sheet held in memory."""
    columns: int = 300
    record_bytes: int = 1 << 20
    """Longest record of a delimited file; beyond it quoting is taken as broken."""
    chunk_bytes: int = 4 << 20
    """Bytes of a delimited file parsed at once."""
    html_bytes: int = 64 << 20
    document_bytes: int = 64 << 20
    file_seconds: float = 900.0
    """Longest time one file may be read for; then it is given up and reported."""
    memory_bytes: int = 4 << 30
    """Most memory a reading process may hold; beyond it the file is given up and reported."""


DEFAULT = Limits()
