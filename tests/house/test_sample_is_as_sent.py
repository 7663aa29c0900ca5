"""The sample county stands in the repository byte for byte as it was sent."""

import hashlib
from pathlib import Path

ROOT = Path(__file__).parents[2]
TRUTH = ROOT / "tests/data/liancheng"
FOLDERS = (ROOT / "examples/liancheng", TRUTH / "hostile", TRUTH / "truth")


def _manifest() -> dict[str, str]:
    lines = (TRUTH / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    return {path: digest for digest, path in (line.split("  ", 1) for line in lines)}


def test_every_file_has_the_bytes_it_came_with() -> None:
    changed = [
        path
        for path, digest in _manifest().items()
        if hashlib.sha256((ROOT / path).read_bytes()).hexdigest() != digest
    ]
    assert changed == []


def test_no_file_was_added_to_the_folders_as_sent() -> None:
    present = {
        path.relative_to(ROOT).as_posix()
        for folder in FOLDERS
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith("~$")
    }
    assert present - set(_manifest()) == set()
