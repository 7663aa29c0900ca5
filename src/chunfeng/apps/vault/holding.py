"""Sealed files that a backup under way still needs, whatever happens to them meanwhile.

While the folder stands, whoever deletes a file leaves a second name of it there first. So all that the database named at any
moment since can be read to the end of the backup, which removes the folder.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

from django.conf import settings


def folder() -> Path:
    """Where second names lie: there only while a backup is made."""
    return Path(settings.DATA) / "backup.held"


def hold(path: Path) -> None:
    """Give a sealed file (…/files/AREA/xx/NAME) its second name if a backup is under way; a copy where the disk knows no such."""
    if not folder().is_dir():
        return
    place = folder() / "files" / Path(*path.parts[-3:])
    with suppress(FileExistsError, FileNotFoundError):  # held already; gone already, as is the backup
        for each in (
            place.parents[2],
            place.parents[1],
            place.parents[0],
        ):  # never the folder itself: it may be over
            each.mkdir(exist_ok=True, mode=0o700)
        try:
            place.hardlink_to(path)
        except (FileExistsError, FileNotFoundError):
            raise
        except OSError:
            shutil.copyfile(path, place)


def held() -> dict[str, Path]:
    """Name → where it can be read."""
    return {path.name: path for path in folder().glob("files/*/??/*")}
