"""One reader per family of formats; each turns a file into grids of text."""

from __future__ import annotations

from collections.abc import Iterator

from chunfeng.engines.sheets.container import Source
from chunfeng.engines.sheets.grid import Grid
from chunfeng.engines.sheets.issues import ReadingError
from chunfeng.engines.sheets.limits import DEFAULT, Limits


def read(source: Source, limits: Limits = DEFAULT) -> Iterator[Grid]:
    """The sheets of one file as grids, in the sender's order.

    Raises ReadingError (with the issue code) when the file as a whole cannot be read.
    """
    match source.format:
        case "xlsx" | "xls" | "ods":
            from chunfeng.engines.sheets.readers import workbook

            yield from workbook.read(source, limits)
        case "text":
            from chunfeng.engines.sheets.readers import delimited

            yield from delimited.read(source, limits)
        case "html":
            from chunfeng.engines.sheets.readers import html

            yield from html.read(source, limits)
        case "docx":
            from chunfeng.engines.sheets.readers import docx

            yield from docx.read(source, limits)
        case _:
            raise ReadingError("FILE_UNSUPPORTED", source.format)
