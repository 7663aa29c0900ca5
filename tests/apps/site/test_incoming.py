"""Uploads under way lie in a folder of the platform's own, and what a killed server left there goes."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import InMemoryUploadedFile, SimpleUploadedFile
from django.test import RequestFactory

from chunfeng.site import environment
from chunfeng.site.serving import clear_incoming


def test_only_this_user_looks_in_and_old_leftovers_go(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "incoming"
    assert clear_incoming(folder) == 0 and stat.S_IMODE(folder.stat().st_mode) == 0o700
    folder.chmod(0o755)
    old, young, outside = folder / "old.upload", folder / "young.upload", tmp_path / "kept"
    for path in (old, young, outside):
        path.write_bytes(b"x")
    (folder / "link").symlink_to(outside)
    long_ago = time.time() - 25 * 3600
    os.utime(old, (long_ago, long_ago))
    os.utime(folder / "link", (long_ago, long_ago), follow_symlinks=False)
    assert clear_incoming(folder) == 2 and stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert young.exists() and outside.exists() and not old.exists()


def test_large_uploads_lie_there_without_a_name(platform: Path) -> None:
    folder = environment.incoming_folder()
    assert Path(settings.FILE_UPLOAD_TEMP_DIR) == folder and folder.parent == platform
    clear_incoming(folder)
    before = set(folder.iterdir())
    content = os.urandom(settings.FILE_UPLOAD_MAX_MEMORY_SIZE + 1)
    sent = RequestFactory().post("/", {"files": [SimpleUploadedFile("失业登记.csv", content, "text/csv")]})
    (file,) = sent.FILES.getlist("files")
    assert (file.name, file.size, b"".join(file.chunks())) == ("失业登记.csv", len(content), content)
    lies = os.readlink(f"/proc/self/fd/{file.file.fileno()}")
    assert Path(lies).parent == folder and lies.endswith(" (deleted)")
    assert set(folder.iterdir()) == before, "whoever is killed now leaves nothing"
    sent.close()
    assert file.closed


def test_small_uploads_stay_in_memory(platform: Path) -> None:
    sent = RequestFactory().post("/", {"file": SimpleUploadedFile("a.csv", b"x" * 1000)})
    assert isinstance(sent.FILES["file"], InMemoryUploadedFile) and sent.FILES["file"].read() == b"x" * 1000


def test_the_platform_stands_before_the_folder_does(platform: Path) -> None:
    """Commands check the settings; the folder is made only when the server starts."""
    from django.core.management import call_command

    folder = environment.incoming_folder()
    if folder.exists():
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()
    call_command("check")
    clear_incoming(folder)
