"""Whole files sealed on disk with SM4-GCM, in chunks, so that a file of any size never stands in memory.

Layout: a head (`CFV1`, key number, 7 random bytes), then chunks of 1 MiB of content, each with its tag of 16 bytes.
A chunk's nonce is the head's random bytes, its number (4 bytes) and 1 for the last chunk, else 0: chunks that were
reordered, left out, cut off or added do not open. The name of the file and the head are authenticated along, so a
file put in the place of another does not open either.

A name is the area it belongs to, a room's, and random digits; who knows what a file is keeps its name
(`intake.SentFile.stored`). Each room removes what nothing in its area names any more.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.conf import settings

from chunfeng.apps.vault import holding
from chunfeng.apps.vault.keys import Ring, ring
from chunfeng.apps.vault.sealing import Unreadable

CHUNK = 1 << 20
_MARK, _RANDOM, _TAG = b"CFV1", 7, 16
_HEAD = len(_MARK) + 1 + _RANDOM
_NAME = re.compile(r"([a-z]{1,15})-[0-9a-f]{32}")
NAME_LENGTH = 48


class TooLarge(ValueError):
    """More content than was allowed."""


@dataclass(frozen=True)
class Stored:
    """What was stored: the name to ask for it by, bytes of content, their SHA-256 in hexadecimal."""

    name: str
    size: int
    sha256: str


def folder() -> Path:
    """Where sealed files lie."""
    return Path(settings.DATA) / "files"


def path_of(name: str) -> Path:
    """Where the sealed file of a name lies. ValueError for what is no such name."""
    known = _NAME.fullmatch(name)
    if known is None:
        raise ValueError("no name of a sealed file")
    area = known.group(1)
    return folder() / area / name[len(area) + 1 :][:2] / name


def put(area: str, content: Iterable[bytes], limit: int | None = None) -> Stored:
    """Seal pieces of content into a new file of an area (a room's name).

    TooLarge beyond `limit` bytes; then, as after any error, nothing is left.
    """
    return _write(f"{area}-{os.urandom(16).hex()}", content, limit)


def _write(name: str, content: Iterable[bytes], limit: int | None = None) -> Stored:
    keys, target = ring(), path_of(name)
    for place in (folder(), target.parent.parent, target.parent):
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
    head = _MARK + bytes((keys.current,)) + os.urandom(_RANDOM)
    digest, size, number, held = hashlib.sha256(), 0, 0, b""
    part = target.with_suffix(".part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(head)
            for piece in content:
                size += len(piece)
                if limit is not None and size > limit:
                    raise TooLarge(f"more than {limit} bytes")
                digest.update(piece)
                held += piece
                while len(held) > CHUNK:  # the last chunk is known only at the end, so one is held back
                    out.write(_seal(keys, keys.current, head, name, number, held[:CHUNK], last=False))
                    held, number = held[CHUNK:], number + 1
            out.write(_seal(keys, keys.current, head, name, number, held, last=True))
            out.flush()
            os.fsync(out.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return Stored(name, size, digest.hexdigest())


def put_file(area: str, path: Path, limit: int | None = None) -> Stored:
    """`put` for a file that lies open on disk."""
    with path.open("rb") as file:
        return put(area, iter(lambda: file.read(CHUNK), b""), limit)


def chunks(name: str) -> Iterator[bytes]:
    """The content of a sealed file, piece by piece. Unreadable when it is gone, damaged, or not the file of that name.

    Each piece is authentic when it is given out; that none is missing at the end is known when the last one was.
    """
    keys = ring()
    try:
        file = path_of(name).open("rb")
    except FileNotFoundError as error:
        raise Unreadable("there is no such file") from error
    with file:
        head = file.read(_HEAD)
        if len(head) < _HEAD or not head.startswith(_MARK):
            raise Unreadable("not a sealed file")
        number, block = 0, file.read(CHUNK + _TAG)
        while True:
            following = file.read(CHUNK + _TAG)
            yield _unseal(keys, head, name, number, block, last=not following)
            if not following:
                return
            number, block = number + 1, following


def read(name: str) -> bytes:
    """The whole content of a sealed file; for those known to be small."""
    return b"".join(chunks(name))


def write_to(name: str, path: Path) -> None:
    """Unseal into a new file that only its owner may read. Nothing is left there when the sealed file is damaged."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            for piece in chunks(name):
                out.write(piece)
    except Unreadable:
        path.unlink(missing_ok=True)
        raise


def delete(name: str) -> None:
    """Remove a sealed file; no matter if it is gone already. To be called when nothing names it any more, or on commit."""
    path = path_of(name)
    holding.hold(path)
    path.unlink(missing_ok=True)


def lying(area: str) -> Iterator[Path]:
    """Every sealed file of an area where it lies, leftovers of broken writes among them; its name is the file's, too."""
    yield from (folder() / area).glob("??/*")


def lying_anywhere() -> Iterator[Path]:
    """Every whole sealed file of every area."""
    yield from (path for path in folder().glob("*/??/*") if _NAME.fullmatch(path.name))


def key_number(path: Path) -> int:
    """Which key a sealed file needs; 0 for what is no such file."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    return head[len(_MARK)] if len(head) == _HEAD and head.startswith(_MARK) else 0


def seal_anew(name: str) -> None:
    """Seal a file with the current key, under the same name; whoever reads it meanwhile reads the old one to its end."""
    _write(name, chunks(name))


def _cipher(keys: Ring, number: int, nonce: bytes, tag: bytes | None = None) -> Cipher:
    key = keys.keys.get(number)
    if key is None:
        raise Unreadable(f"key {number} is not on the ring")
    return Cipher(algorithms.SM4(key), modes.GCM(nonce, tag))


def _nonce(head: bytes, number: int, last: bool) -> bytes:
    return head[-_RANDOM:] + number.to_bytes(4, "big") + bytes((last,))


def _seal(keys: Ring, key: int, head: bytes, name: str, number: int, content: bytes, *, last: bool) -> bytes:
    encryptor = _cipher(keys, key, _nonce(head, number, last)).encryptor()
    encryptor.authenticate_additional_data(head + name.encode())
    sealed = encryptor.update(content) + encryptor.finalize()
    return bytes(sealed + encryptor.tag)


def _unseal(keys: Ring, head: bytes, name: str, number: int, block: bytes, *, last: bool) -> bytes:
    if len(block) < _TAG:
        raise Unreadable("cut off")
    decryptor = _cipher(keys, head[len(_MARK)], _nonce(head, number, last), block[-_TAG:]).decryptor()
    decryptor.authenticate_additional_data(head + name.encode())
    try:
        return bytes(decryptor.update(block[:-_TAG]) + decryptor.finalize())
    except InvalidTag as error:
        raise Unreadable("damaged, or not the file of this name") from error
