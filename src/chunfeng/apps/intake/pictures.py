"""Photographs of paper lists: taken apart and written anew, so that nothing but the picture is left."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_MOST_PIXELS = 80_000_000
_LONGEST = 3200
_FORMATS = ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "AVIF")
"""As Pillow names them. A telephone's several pictures in one (MPO) begin as a JPEG and are opened as such."""


@dataclass(frozen=True)
class Task:
    """A picture as sent, and where the new one is to be written."""

    source: Path
    target: Path


def write_anew(task: Task) -> bool:
    """Write the picture as JPEG, upright, 3,200 pixels at most, without place, time or hidden content.

    False where it is no picture of a common format, is damaged, or would unfold beyond all measure.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = _MOST_PIXELS
    try:
        with Image.open(task.source, formats=_FORMATS) as picture:
            if picture.width * picture.height > _MOST_PIXELS:
                return False
            picture.draft("RGB", (_LONGEST, _LONGEST))
            upright = ImageOps.exif_transpose(picture).convert("RGB")
            upright.thumbnail((_LONGEST, _LONGEST))
            clean = Image.new("RGB", upright.size)
            clean.paste(upright)
            clean.save(task.target, "JPEG", quality=85, optimize=True)
    except (OSError, ValueError, SyntaxError, UnidentifiedImageError, Image.DecompressionBombError):
        task.target.unlink(missing_ok=True)
        return False
    return True
