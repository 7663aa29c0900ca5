"""Which encoding a text is in: UTF-8, UTF-16 or GB18030, decided by what decodes, line by line where mixed."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl


@dataclass(slots=True)
class Decoded:
    """Text of one block as UTF-8 bytes; `mixed`: more than one encoding; `broken`: lines that decode in none."""

    data: bytes
    encodings: set[str] = field(default_factory=set)
    broken: int = 0


def decode_whole(data: bytes) -> str:
    """A whole small document as text, for formats that are parsed at once."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    data = data.removeprefix(b"\xef\xbb\xbf")
    return decode_block(data).data.decode("utf-8")


def decode_block(data: bytes) -> Decoded:
    """A block of whole lines to UTF-8. Bytes that fit no encoding become U+FFFD and are counted."""
    if data.isascii():
        return Decoded(data)
    if _is_utf8(data):
        return Decoded(data, {"utf-8"})
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return _by_line(data)
    return _by_line(data) if _looks_wrong(text) else Decoded(text.encode("utf-8"), {"gb18030"})


def _is_utf8(data: bytes) -> bool:
    """Asked of the columnar engine, which is several times as quick as decoding."""
    try:
        pl.Series([data], dtype=pl.Binary).cast(pl.String)
    except pl.exceptions.ComputeError:
        return False
    return True


def _by_line(data: bytes) -> Decoded:
    """Each line in the encoding that decodes it; UTF-8 first, since GB18030 accepts almost anything."""
    out: list[bytes] = []
    result = Decoded(b"")
    for line in data.splitlines(keepends=True):
        if line.isascii():
            out.append(line)
            continue
        for encoding in ("utf-8", "gb18030"):
            try:
                out.append(line.decode(encoding).encode("utf-8"))
            except UnicodeDecodeError:
                continue
            result.encodings.add(encoding)
            break
        else:
            result.broken += 1
            out.append(line.decode("utf-8", "replace").encode("utf-8"))
    result.data = b"".join(out)
    return result


def _looks_wrong(text: str) -> bool:
    """Whether text decoded as GB18030 holds private-use or control characters, as UTF-8 read that way does."""
    sample = text[:20000]
    odd = sum("\ue000" <= c <= "\uf8ff" or c in "锘锛銆鐨" for c in sample)
    return odd > max(4, len(sample) // 100)
