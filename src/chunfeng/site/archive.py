"""The file a backup is: a tar of sealed parts and one manifest that names each part with its digest.

Everything in it is sealed with keys of the platform's secrets, which are not in it: the file alone tells nothing.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import tarfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from chunfeng.site.environment import Secrets, SetupError

FORMAT = 1
_MANIFEST = "manifest.json"
_PART = re.compile(r"files/([a-z]{1,15})/[0-9a-f]{2}/\1-[0-9a-f]{32}")
_PIECE = 1 << 20


@dataclass(frozen=True)
class Manifest:
    """`dump`: the part that holds the database; `tables`: rows of each table; `parts`: SHA-256 of each part;
    `keys`: what identifies the secrets it needs; `stamp`: of the code that wrote it."""

    format: int
    version: str
    made: str
    server: str
    stamp: str
    keys: dict[str, str]
    dump: str
    tables: dict[str, int]
    parts: dict[str, str]


def fingerprints(secrets: Secrets) -> dict[str, str]:
    """What identifies each key without telling it: number (or `index`) → the first 16 digits of a SHA-256."""
    named = dict(secrets.fields) | {"index": secrets.index}
    return {
        n: hashlib.sha256(f"chunfeng backup {n} {key}".encode()).hexdigest()[:16] for n, key in named.items()
    }


def part_name(path: Path) -> str:
    """The name in the archive of a sealed file, which lies in files/AREA/xx."""
    return "/".join(("files", *path.parts[-3:]))


def write(target: Path, paths: Iterable[Path], describe: dict[str, object]) -> Manifest:
    """Write the archive as a whole, readable by its owner only, and return its manifest.

    `describe`: the manifest's fields but for `format` and `parts`. A file that is gone meanwhile is left out.
    """
    new = target.with_name(f".{target.name}.part")
    parts: dict[str, str] = {}
    try:
        with (
            os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as raw,
            tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as tar,
        ):
            for path in paths:
                try:
                    with path.open("rb") as file:
                        info = _info(part_name(path), os.fstat(file.fileno()).st_size)
                        parts[info.name] = hashlib.file_digest(file, "sha256").hexdigest()
                        file.seek(0)
                        tar.addfile(info, file)
                except FileNotFoundError:
                    continue
            manifest = Manifest(format=FORMAT, parts=parts, **describe)  # type: ignore[arg-type]
            content = json.dumps(asdict(manifest), ensure_ascii=False, indent=1).encode()
            tar.addfile(_info(_MANIFEST, len(content)), io.BytesIO(content))
            tar.close()
            raw.flush()
            os.fsync(raw.fileno())
        new.replace(target)
    finally:
        new.unlink(missing_ok=True)
    return manifest


def _info(name: str, size: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    return info


def unpack(source: Path, folder: Path) -> Manifest:
    """Unpack into an empty folder and check every part. SetupError when anything is missing, damaged or foreign."""
    found: dict[str, str] = {}
    manifest = None
    with _opened(source) as tar:
        for info in tar:
            file = tar.extractfile(info) if info.isreg() else None
            if file is None or manifest is not None:
                raise _damaged(source, info.name)
            if info.name == _MANIFEST:
                manifest = _manifest(source, file.read())
                continue
            if not _PART.fullmatch(info.name):
                raise _damaged(source, info.name)
            path = folder / info.name
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            digest = hashlib.sha256()
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                while piece := file.read(_PIECE):
                    digest.update(piece)
                    out.write(piece)
            found[info.name] = digest.hexdigest()
    if manifest is None:
        raise _damaged(source, _MANIFEST)
    for name in found.keys() ^ manifest.parts.keys():
        raise _damaged(source, name)
    for name, digest_ in manifest.parts.items():
        if found[name] != digest_:
            raise _damaged(source, name)
    if manifest.dump not in found:
        raise _damaged(source, manifest.dump)
    return manifest


@contextmanager
def _opened(source: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(source, mode="r:") as tar:
            yield tar
    except FileNotFoundError as error:
        raise SetupError(f"没有备份文件 {source}。 / There is no backup {source}.") from error
    except (tarfile.TarError, EOFError) as error:
        raise _damaged(source, str(error)) from error


def _manifest(source: Path, content: bytes) -> Manifest:
    try:
        told = json.loads(content)
        if told.get("format") != FORMAT:
            raise SetupError(
                f"{source} 是另一版本的备份（格式 {told.get('format')}）。 / It is a backup of another format."
            )
        return Manifest(**told)
    except (ValueError, TypeError, AttributeError) as error:
        raise _damaged(source, _MANIFEST) from error


def _damaged(source: Path, what: str) -> SetupError:
    return SetupError(
        f"备份 {source} 不完整或已损坏（{what}），没有恢复任何数据。"
        f" / The backup is damaged ({what}); nothing was restored."
    )
