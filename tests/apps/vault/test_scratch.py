"""What lies open is private, and gone with whoever worked on it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from chunfeng.apps.vault import scratch

pytestmark = pytest.mark.usefixtures("platform")


def lying(name: str) -> list[Path]:
    return [p for place in (scratch.folder(), Path("/dev/shm")) for p in place.glob(f"*{name}*")]


@pytest.mark.parametrize("size", [None, 1000, 1 << 40])
def test_a_folder_is_private_and_gone_afterwards(size):
    def work() -> None:
        with scratch.private("privy", size) as folder:
            (folder / "x").write_text("350825199001010017")
            assert folder.stat().st_mode & 0o077 == 0 and folder in lying("privy")
            in_memory = folder.parent == Path("/dev/shm")
            assert in_memory == (size == 1000 and Path("/dev/shm").is_dir()), "small things touch no disk"
            raise RuntimeError

    with pytest.raises(RuntimeError):
        work()
    assert not lying("privy")


def test_what_fails_on_a_full_disk_fails_for_want_of_room(monkeypatch):
    with scratch.private("full") as folder:
        with pytest.raises(KeyError), scratch.room(folder):
            raise KeyError
        monkeypatch.setattr(scratch, "_FULL", 1 << 62)  # no disk has so much
        with pytest.raises(OSError, match="No space"), scratch.room(folder):
            raise KeyError
        with scratch.room(folder):
            pass


_HOLD = """
import sys, time
from chunfeng.site.upgrade import setup
setup()
from chunfeng.apps.vault import scratch
with scratch.private("held", 1000) as small, scratch.private("held") as large:
    (small / "a").write_text("x"); (large / "b").write_text("x")
    print("ready", flush=True)
    time.sleep(600)
"""


def test_what_a_killed_process_left_is_swept_and_what_is_held_is_not():
    env = os.environ | {"PYTHONPATH": str(Path("src").absolute())}
    process = subprocess.Popen([sys.executable, "-c", _HOLD], env=env, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == "ready\n"
        assert len(lying("held")) == 2
        scratch.sweep()
        assert len(lying("held")) == 2, "somebody works there"
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert len(lying("held")) == 2, "a killed process cleans nothing"
    assert scratch.sweep() >= 2
    assert not lying("held")


def test_a_folder_just_being_made_is_left_alone():
    young = scratch.folder() / f"chunfeng-{os.getuid()}-new.abc"
    young.mkdir(parents=True)
    scratch.sweep()
    assert young.exists()
    os.utime(young, times=(time.time() - 3600,) * 2)
    scratch.sweep()
    assert not young.exists()


def test_what_is_not_ours_is_left_alone():
    """Whoever puts CHUNFENG_WORK where others have things, too, loses nothing of theirs."""
    theirs = [scratch.folder() / "theirs", scratch.folder() / f"chunfeng-{os.getuid() + 1}-run"]
    for folder in theirs:
        folder.mkdir(parents=True)
    scratch.sweep()
    assert all(folder.is_dir() for folder in theirs)
    for folder in theirs:
        folder.rmdir()


def test_a_link_is_not_followed(tmp_path):
    (tmp_path / "kept").mkdir()
    link = scratch.folder() / f"chunfeng-{os.getuid()}-link"
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(tmp_path / "kept")
    scratch.sweep()
    assert (tmp_path / "kept").is_dir()
    link.unlink()


STARTS = {"a web process": ["-c", "import chunfeng.site.wsgi"], "a worker": ["-m", "chunfeng", "work"]}


@pytest.mark.parametrize("who", STARTS)
def test_whoever_starts_removes_what_a_killed_one_left(platform, who):
    left = [scratch.folder() / f"chunfeng-{os.getuid()}-run-7-1-left"]
    if who == "a worker":
        left.append(platform / "runs/350825/7-1/out")  # of an earlier version
    for folder in left:
        folder.mkdir(parents=True)
        (folder / "persons.csv").write_text("350825199001010017")
    env = os.environ | {"PYTHONPATH": str(Path("src").absolute())}
    process = subprocess.Popen([sys.executable, *STARTS[who]], env=env, stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            if not any(folder.exists() for folder in left):
                break
            time.sleep(0.1)
        assert not any(folder.exists() for folder in left)
    finally:
        process.terminate()
        process.wait(20)
