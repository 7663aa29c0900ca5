"""What a file really is, whatever its name says; and what a bundle holds, without ever unpacking outside.

Formats are told by their first bytes. Archives are checked from their directory before anything is unpacked.
"""

from __future__ import annotations

import gzip
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from chunfeng.engines.sheets.issues import ReadingError
from chunfeng.engines.sheets.limits import Limits

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = (b"PK\x03\x04", b"PK\x05\x06")
IMAGES = (
    b"\xff\xd8\xff",
    b"\x89PNG",
    b"GIF8",
    b"BM",
    b"II*\x00",
    b"MM\x00*",
    b"%PDF",
    b"RIFF",
    b"{\\rtf",
    b"Rar!",
    b"7z\xbc\xaf",
)
IGNORED_NAMES = ("~$", ".~", "._")
IGNORED_EXACT = {".ds_store", "thumbs.db", "desktop.ini", "__macosx"}
EXPECTED = {
    "xlsx": {".xlsx", ".xlsm", ".xlsb", ".et", ".xltx"},
    "ods": {".ods"},
    "xls": {".xls", ".et", ".xlt"},
    "html": {".html", ".htm", ".mht"},
    "docx": {".docx"},
    "text": {".csv", ".txt", ".tsv", ".tab"},
    "zip": {".zip"},
    "gzip": {".gz"},
}


@dataclass(frozen=True, slots=True)
class Source:
    """One readable file: `name` as reported (relative path, `bundle.zip/inner.xlsx`), `path` where its bytes are."""

    name: str
    path: Path
    format: str

    @property
    def suffix(self) -> str:
        """The extension the sender gave, lower case; of `x.csv.gz` the part before .gz."""
        name = self.name.lower()
        return PurePosixPath(name.removesuffix(".gz")).suffix


def is_ignored(name: str) -> bool:
    """Whether the file is an editor's or system's leftover that no department meant to send."""
    parts = PurePosixPath(name).parts
    return any(p.lower() in IGNORED_EXACT or p.startswith(IGNORED_NAMES) for p in parts)


def sniff(path: Path) -> str:
    """The format of a file by its content: xlsx, ods, docx, zip, xls, gzip, html, text, empty or unsupported.

    Raises ReadingError for a damaged zip and for encrypted office files.
    """
    size = path.stat().st_size
    if size == 0:
        return "empty"
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith(ZIP):
        return _sniff_zip(path)
    if head.startswith(OLE):
        return _sniff_ole(path)
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    if head.startswith(IMAGES):
        return "unsupported"
    stripped = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if stripped.startswith((b"<html", b"<!doctype html", b"<table", b"<meta", b"<head")) or (
        stripped.startswith((b"<?xml", b"<")) and (b"<table" in head.lower() or b"<html" in head.lower())
    ):
        return "html"
    if stripped.startswith(b"<?xml") and b"schemas-microsoft-com:office:spreadsheet" in head:
        return "xml2003"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "text"
    control = sum(b < 9 or 13 < b < 27 for b in head)
    return "text" if control <= len(head) // 20 else "unsupported"


def _sniff_zip(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise ReadingError("FILE_DAMAGED", str(error)) from error
    if "xl/workbook.xml" in names or "xl/workbook.bin" in names:
        return "xlsx"
    if "word/document.xml" in names:
        return "docx"
    if "content.xml" in names and "mimetype" in names:
        return "ods"
    if "[Content_Types].xml" in names and any(n.startswith("xl/") for n in names):
        raise ReadingError("FILE_DAMAGED", "xl/workbook.xml missing")
    return "zip"


def _sniff_ole(path: Path) -> str:
    import olefile

    try:
        with olefile.OleFileIO(str(path)) as ole:
            if ole.exists("EncryptedPackage") or ole.exists("EncryptionInfo"):
                raise ReadingError("FILE_PASSWORD")
            if ole.exists("WordDocument"):
                return "unsupported"
            for stream in ("Workbook", "Book"):
                if ole.exists(stream):
                    return "xls"
    except (OSError, ValueError, IndexError) as error:
        raise ReadingError("FILE_DAMAGED", str(error)) from error
    return "unsupported"


def check_archive(path: Path, limits: Limits) -> None:
    """Refuse a zip container from its directory alone: unpacked size and compression ratio."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise ReadingError("FILE_DAMAGED", str(error)) from error
    total = 0
    for entry in entries:
        total += entry.file_size
        packed = max(entry.compress_size, 1)
        if entry.file_size > limits.ratio_bytes and entry.file_size // packed > limits.ratio:
            raise ReadingError("FILE_BOMB", f"{entry.filename}: {entry.file_size} / {packed}")
    if total > limits.unpacked_bytes:
        raise ReadingError("FILE_TOO_LARGE", f"{total} bytes unpacked")


def member_name(entry: zipfile.ZipInfo) -> str:
    """The name of an archive member; names without the UTF-8 flag are GBK, as Chinese Windows writes them."""
    if entry.flag_bits & 0x800:
        return entry.filename
    try:
        raw = entry.filename.encode("cp437")
    except UnicodeEncodeError:
        return entry.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return entry.filename


def _is_unsafe(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or ":" in path.parts[0] if path.parts else True


def unpack_gzip(source: Path, target: Path, limits: Limits) -> None:
    """Unpack one .gz within the limits. Raises ReadingError for a bomb or a damaged file."""
    written = 0
    packed = max(source.stat().st_size, 1)
    try:
        with gzip.open(source, "rb") as packed_file, target.open("wb") as out:
            while block := packed_file.read(1 << 20):
                written += len(block)
                if written > limits.unpacked_bytes or (
                    written > limits.ratio_bytes and written // packed > limits.ratio
                ):
                    raise ReadingError("FILE_BOMB", f"{written} / {packed}")
                out.write(block)
    except (OSError, EOFError, gzip.BadGzipFile) as error:
        raise ReadingError("FILE_DAMAGED", str(error)) from error


@dataclass(frozen=True, slots=True)
class Refused:
    """Something in the folder or a bundle that is not read, and why."""

    name: str
    code: str
    detail: str = ""


def expand(path: Path, name: str, limits: Limits, room: Path, depth: int = 0) -> Iterator[Source | Refused]:
    """The readable files in `path`: itself, or the members of a bundle, unpacked one by one into the folder `room`.

    Names of members never become paths on this machine: each is unpacked under a number.
    """
    try:
        kind = sniff(path)
        if kind == "zip":
            yield from _expand_zip(path, name, limits, room, depth)
        elif kind == "gzip":
            target = room / f"{depth}-{len(list(room.iterdir()))}"
            unpack_gzip(path, target, limits)
            inner = sniff(target)
            if inner in ("zip", "gzip"):
                yield Refused(name, "ARCHIVE_TOO_DEEP")
            else:
                yield _readable(name, target, inner)
        else:
            yield _readable(name, path, kind)
    except ReadingError as error:
        yield Refused(name, error.code, error.detail)


def _readable(name: str, path: Path, kind: str) -> Source | Refused:
    if kind == "empty":
        return Refused(name, "FILE_EMPTY")
    if kind == "unsupported":
        return Refused(name, "FILE_UNSUPPORTED")
    return Source(name, path, kind)


def _expand_zip(path: Path, name: str, limits: Limits, room: Path, depth: int) -> Iterator[Source | Refused]:
    if depth >= limits.archive_depth:
        yield Refused(name, "ARCHIVE_TOO_DEEP")
        return
    check_archive(path, limits)
    with zipfile.ZipFile(path) as archive:
        entries = [e for e in archive.infolist() if not e.is_dir()]
        if not entries:
            yield Refused(name, "FILE_NO_TABLE")
        for count, entry in enumerate(entries):
            inner = f"{name}/{member_name(entry)}"
            if count >= limits.archive_members:
                yield Refused(name, "ARCHIVE_TOO_MANY", f"{len(entries)}")
                return
            if _is_unsafe(member_name(entry)) or stat.S_ISLNK(entry.external_attr >> 16):
                yield Refused(inner, "ARCHIVE_MEMBER_PATH")
                continue
            if is_ignored(member_name(entry)):
                yield Refused(inner, "FILE_IGNORED")
                continue
            if entry.flag_bits & 0x1:
                yield Refused(inner, "ARCHIVE_MEMBER_PASSWORD")
                continue
            target = room / f"{depth}-{len(list(room.iterdir()))}"
            try:
                with archive.open(entry) as packed, target.open("wb") as out:
                    left = entry.file_size
                    while block := packed.read(min(1 << 20, left + 1)):
                        left -= len(block)
                        if left < 0:
                            raise ReadingError("FILE_BOMB", inner)
                        out.write(block)
            except (
                zipfile.BadZipFile,
                OSError,
                EOFError,
                NotImplementedError,
                RuntimeError,
                ValueError,
            ) as error:
                yield Refused(inner, "FILE_DAMAGED", str(error))
                continue
            yield from expand(target, inner, limits, room, depth + 1)
            target.unlink(missing_ok=True)
