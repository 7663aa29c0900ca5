"""Whole folders as one sealed file: a tar that is sealed as it is written, and opened into a private folder."""

from __future__ import annotations

import io
import os
import shutil
import tarfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from chunfeng.apps.vault import files, scratch
from chunfeng.apps.vault.sealing import Unreadable

_PIECE = 1 << 20


def put(area: str, folder: Path, parts: Iterable[str]) -> files.Stored:
    """Seal what of `parts` (files, or folders with all in them) is there in `folder` as a new file of an area."""
    return files.put(area, _pieces(folder, parts))


def unpack(name: str, folder: Path) -> None:
    """Put everything back into a folder, readable by its owner only. Unreadable when it is gone or damaged."""
    reader = _Reader(files.chunks(name))
    try:
        with tarfile.open(fileobj=reader, mode="r|", bufsize=_PIECE) as tar:
            for info in tar:
                _put_back(tar, info, folder)
        while reader.read(_PIECE):  # to the end: only there it is known that nothing was cut off
            pass
    except tarfile.TarError as error:
        raise Unreadable("not a bundle") from error


@contextmanager
def opened(name: str) -> Iterator[Path]:
    """A private folder with everything in it, for as long as it is looked at. Unreadable as above."""
    try:
        size = files.path_of(name).stat().st_size
    except FileNotFoundError as error:
        raise Unreadable("there is no such file") from error
    with scratch.private("look", size) as folder:
        unpack(name, folder)
        yield folder


def _put_back(tar: tarfile.TarFile, info: tarfile.TarInfo, folder: Path) -> None:
    """One file, within the folder. Not `extractall`: what makes that safe came with Python 3.11.4, and Debian 12 has 3.11.2."""
    path, content = folder / info.name, tar.extractfile(info) if info.isreg() else None
    if content is None or ".." in path.parts or not path.is_relative_to(folder):
        raise tarfile.TarError(info.name)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "wb") as out:
        shutil.copyfileobj(content, out, _PIECE)


def _pieces(folder: Path, parts: Iterable[str]) -> Iterator[bytes]:
    for path in _files(folder, parts):
        with path.open("rb") as file:
            info = tarfile.TarInfo(path.relative_to(folder).as_posix())
            info.size, info.mode = path.stat().st_size, 0o600
            yield info.tobuf(tarfile.PAX_FORMAT)
            left = info.size
            while left and (piece := file.read(min(_PIECE, left))):
                left -= len(piece)
                yield piece
            if left:
                raise OSError(f"{info.name} became shorter while it was read")
        yield bytes(-info.size % tarfile.BLOCKSIZE)
    yield bytes(2 * tarfile.BLOCKSIZE)


def _files(folder: Path, parts: Iterable[str]) -> Iterator[Path]:
    for part in parts:
        path = folder / part
        found = sorted(path.rglob("*")) if path.is_dir() else [path]
        yield from (each for each in found if each.is_file() and not each.is_symlink())


class _Reader(io.RawIOBase):
    """The pieces of a sealed file as a file to read from."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._held = pieces, b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while size < 0 or len(self._held) < size:
            piece = next(self._pieces, None)
            if piece is None:
                break
            self._held += piece
        size = len(self._held) if size < 0 else size
        found, self._held = self._held[:size], self._held[size:]
        return found
