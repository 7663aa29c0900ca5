"""Folders sealed as one file come back as they were, or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chunfeng.apps.vault import bundles, files
from chunfeng.apps.vault.sealing import Unreadable

pytestmark = pytest.mark.usefixtures("platform")

CONTENT = {
    "a.parquet": b"350825199001010017" * 3000,
    "deep/er/empty": b"",
    "deep/" + "很长的名字" * 12 + "：某村.csv": os.urandom(3 << 20),
    "deep/512": bytes(512),
}


@pytest.fixture
def folder(tmp_path) -> Path:
    for name, content in (CONTENT | {"other/secret": b"left out"}).items():
        path = tmp_path / "folder" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (tmp_path / "folder/deep/link").symlink_to("/etc/passwd")
    return tmp_path / "folder"


def content_of(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture
def stored(folder):
    name = bundles.put("test", folder, ("a.parquet", "deep", "not there")).name
    yield name
    files.delete(name)


def test_a_bundle_comes_back(stored, tmp_path):
    sealed = files.path_of(stored).read_bytes()
    assert b"350825199001010017" not in sealed and b"parquet" not in sealed
    with bundles.opened(stored) as back:
        assert content_of(back) == CONTENT
        assert all(p.stat().st_mode & 0o077 == 0 for p in back.rglob("*") if p.is_file())
    assert not back.exists()


def test_nothing_is_a_bundle_too(folder):
    name = bundles.put("test", folder, ("nothing",)).name
    with bundles.opened(name) as back:
        assert content_of(back) == {}
    files.delete(name)


@pytest.mark.parametrize("where", [30, 1 << 20, -1])
def test_a_damaged_bundle_does_not_open(stored, where):
    path = files.path_of(stored)
    content = bytearray(path.read_bytes())
    content[where] ^= 1
    path.write_bytes(content)
    with pytest.raises(Unreadable), bundles.opened(stored):
        raise AssertionError("it opened")


def test_a_bundle_cut_off_at_a_piece_does_not_open(stored):
    path = files.path_of(stored)
    path.write_bytes(path.read_bytes()[: 12 + 3 * ((1 << 20) + 16)])
    with pytest.raises(Unreadable), bundles.opened(stored):
        raise AssertionError("it opened")


def test_a_file_that_is_no_bundle_does_not_open():
    name = files.put("test", [os.urandom(5000)]).name
    with pytest.raises(Unreadable), bundles.opened(name):
        raise AssertionError("it opened")
    files.delete(name)
    with pytest.raises(Unreadable), bundles.opened(name):
        raise AssertionError("it opened")
