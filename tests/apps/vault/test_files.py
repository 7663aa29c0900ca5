"""Sealed files open again as they were, and not at all when anything about them was changed."""

from __future__ import annotations

import hashlib
import os
import stat

import pytest

from chunfeng.apps.vault import files
from chunfeng.apps.vault.sealing import Unreadable

SIZES = (0, 1, files.CHUNK - 1, files.CHUNK, files.CHUNK + 1, 3 * files.CHUNK)


def pieces(content: bytes, step: int = 300_000):
    return (content[i : i + step] for i in range(0, len(content), step))


@pytest.mark.parametrize("size", SIZES)
def test_there_and_back(size, tmp_path):
    content = os.urandom(size)
    stored = files.put("test", pieces(content))
    assert (stored.size, stored.sha256) == (size, hashlib.sha256(content).hexdigest())
    assert files.read(stored.name) == content
    files.write_to(stored.name, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == content
    files.delete(stored.name)
    with pytest.raises(Unreadable):
        files.read(stored.name)


def test_only_the_owner_reads_and_nothing_is_plain():
    stored = files.put("test", [b"350825199001010017" * 1000])
    path = files.path_of(stored.name)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(files.folder().stat().st_mode) == 0o700
    assert b"350825199001010017" not in path.read_bytes()


BLOCK = files.CHUNK + 16
CHANGES = {
    "a byte": lambda raw: raw[:500] + bytes((raw[500] ^ 1,)) + raw[501:],
    "the head": lambda raw: raw[:6] + bytes((raw[6] ^ 1,)) + raw[7:],
    "another key": lambda raw: raw[:4] + b"\x07" + raw[5:],
    "no mark": lambda raw: b"XXXX" + raw[4:],
    "cut in a chunk": lambda raw: raw[:-5],
    "cut between chunks": lambda raw: raw[: 12 + BLOCK],
    "empty": lambda raw: b"",
    "the head alone": lambda raw: raw[:12],
    "a chunk twice": lambda raw: raw[: 12 + BLOCK] + raw[12:],
    "chunks in another order": lambda raw: raw[:12] + raw[12 + BLOCK :][:BLOCK] + raw[12:][:BLOCK] + raw[12 + 2 * BLOCK :],
    "bytes added": lambda raw: raw + b"x" * 40,
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_changed_does_not_open(change, tmp_path):
    stored = files.put("test", pieces(os.urandom(2 * files.CHUNK + 10)))
    path = files.path_of(stored.name)
    path.write_bytes(CHANGES[change](path.read_bytes()))
    with pytest.raises(Unreadable):
        files.write_to(stored.name, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_file_in_the_place_of_another_does_not_open():
    one, other = files.put("test", [b"one"]), files.put("test", [b"other"])
    files.path_of(one.name).write_bytes(files.path_of(other.name).read_bytes())
    with pytest.raises(Unreadable):
        files.read(one.name)


def test_too_much_or_broken_content_leaves_nothing():
    before = set(files.lying("test"))

    def breaks():
        yield b"x"
        raise OSError("the sender is gone")

    with pytest.raises(files.TooLarge):
        files.put("test", pieces(os.urandom(1000), 100), limit=999)
    with pytest.raises(OSError, match="gone"):
        files.put("test", breaks())
    assert set(files.lying("test")) == before


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "", "A-" + "0" * 32, "test-" + "0" * 31, "test-" + "0" * 32 + "/", "0" * 32]
)
def test_a_name_is_never_a_path(name):
    with pytest.raises(ValueError, match="name"):
        files.path_of(name)
