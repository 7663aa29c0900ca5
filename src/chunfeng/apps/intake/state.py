"""What a county keeps from one run to the next, in the database: the folder STATE of a run is written from it and read back.

A room may give a file of its own for every run (`runs.register_state`), such as decisions.csv; such a file is never read back.
Names that begin with `keys/` are keys of lists that came as tokens; they lie beside STATE, not in it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePosixPath

from chunfeng.apps.intake.models import StateFile
from chunfeng.apps.places.numbers import place_number
from chunfeng.apps.vault.keys import ring
from chunfeng.apps.vault.sealing import seal_bytes, unseal_bytes
from chunfeng.engines.disclosure.hmac_sm3 import digest
from chunfeng.pipeline.kept import CLAIMS

Writer = Callable[[str], bytes | None]
"""county → the file's content, None for no file."""

KEYS, READINGS = "keys/", "readings"
_COLUMN = "intake_statefile.content"
_NOT_KEPT = frozenset({READINGS, CLAIMS, ".lock"})
"""What a run leaves in STATE that is no knowledge: it is made again from the files, and kept sealed meanwhile (`results`)."""

_writers: dict[str, Writer] = {}


def register(name: str, writer: Writer) -> None:
    """Let a room write the file `name` of every run's STATE."""
    _writers[_checked(name)] = writer


def put(county: str, name: str, content: bytes) -> bool:
    """Keep a file for the county's next runs; False when it is kept already as it is. In a scope that reaches the county."""
    place, said = place_number(county), _digest(content)
    kept = StateFile.objects.filter(place=place, name=_checked(name)).first()
    if kept is not None and kept.digest == said:
        return False
    kept = kept or StateFile(place=place, name=name)
    kept.content, kept.digest = seal_bytes(content, _COLUMN), said
    kept.save()
    return True


def read(county: str, name: str) -> bytes | None:
    """A kept file's content, None when there is none."""
    kept = StateFile.objects.filter(place=place_number(county), name=name).first()
    return None if kept is None else unseal_bytes(kept.content, _COLUMN)


def remove(county: str, name: str) -> bool:
    """Keep a file no longer; False when there is none."""
    return bool(StateFile.objects.filter(place=place_number(county), name=name).delete()[0])


def write(county: str, folder: Path) -> dict[str, str]:
    """Write all that is kept, and what the rooms give, into an empty folder; name → digest of what a run may change.

    `folder` becomes STATE; keys go into the folder `keys` beside it.
    """
    before: dict[str, str] = {}
    for kept in StateFile.objects.filter(place=place_number(county)).order_by("name").iterator(chunk_size=4):
        if kept.name in _writers:
            continue
        _write(
            folder.parent if kept.name.startswith(KEYS) else folder,
            kept.name,
            unseal_bytes(kept.content, _COLUMN),
        )
        if not kept.name.startswith(KEYS):
            before[kept.name] = kept.digest
    for name, writer in _writers.items():
        content = writer(county)
        if content is not None:
            _write(folder, name, content)
    return before


def collect(county: str, folder: Path, before: dict[str, str]) -> dict[str, int]:
    """Keep what a run changed in STATE since `write` gave `before`; what people put there meanwhile stands.

    Returns how many files were put and removed.
    """
    after = {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not _NOT_KEPT & set(path.relative_to(folder).parts)
    }
    counts = {"state.put": 0, "state.removed": 0}
    for name, path in after.items():
        content = path.read_bytes()
        if name not in _writers and before.get(name) != _digest(content):
            counts["state.put"] += put(county, name, content)
    for name in before.keys() - after.keys():
        counts["state.removed"] += remove(county, name)
    return counts


def keys(folder: Path) -> dict[str, Path]:
    """Keys by name, as `write` left them beside STATE."""
    return {path.name: path for path in sorted((folder.parent / "keys").glob("*")) if path.is_file()}


def _write(folder: Path, name: str, content: bytes) -> None:
    path = folder / _checked(name)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    path.write_bytes(content)


def _checked(name: str) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or not path.parts or ".." in path.parts or path.as_posix() != name or "\0" in name:
        raise ValueError(f"{name!r} is no path within a folder")
    return name


def _digest(content: bytes) -> str:
    return digest(ring().index, b"state\0" + content).hex()
