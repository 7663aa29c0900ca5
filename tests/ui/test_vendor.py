"""Vendored files are the ones that were recorded: none changed, none missing, none besides."""

import hashlib
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = (ROOT / "src/chunfeng/ui/static/ui/vendor", ROOT / "tests/vendor")


def packages() -> list[tuple[Path, dict[str, object]]]:
    found = []
    for folder in FOLDERS:
        for name, entry in tomllib.loads((folder / "VENDOR.toml").read_text(encoding="utf-8")).items():
            found.append((folder / f"{name}-{entry['version']}", entry))
    return found


@pytest.mark.parametrize(("folder", "entry"), packages(), ids=lambda value: getattr(value, "name", ""))
def test_files_have_the_recorded_hashes(folder: Path, entry: dict[str, object]) -> None:
    hashes = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    assert hashes == entry["sha256"]
    assert any(name.startswith("LICENSE") for name in hashes)
    assert entry["licence"] in {"MIT", "Apache-2.0", "MPL-2.0"}
    assert str(entry["integrity"]).startswith("sha512-")


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parent.name)
def test_every_folder_is_recorded(folder: Path) -> None:
    assert {path for path in folder.iterdir() if path.is_dir() and path.name != "__pycache__"} == {
        known for known, _entry in packages() if known.parent == folder
    }


def test_pages_name_the_versions_that_are_there() -> None:
    """A new version without its name in the templates is a page without its look."""
    templates = "".join(
        p.read_text(encoding="utf-8") for p in (ROOT / "src/chunfeng/ui/templates").rglob("*.html")
    )
    for folder, _entry in packages():
        if folder.parent == FOLDERS[0]:
            assert f"ui/vendor/{folder.name}/" in templates


def test_nothing_points_at_a_map_that_is_not_there() -> None:
    for folder, entry in packages():
        for name in entry["sha256"]:
            assert b"sourceMappingURL" not in (folder / name).read_bytes()[-500:], name
