"""Outlines of Fujian's cities and counties as GeoJSON, for drawing figures on a map.

Features carry `code` (as in `regions`: 4 digits a city, 6 a county) and `name`; coordinates are CGCS2000 degrees.
"""

from __future__ import annotations

from functools import cache

from chunfeng.reference.data_files import HERE

LEVELS = ("city", "county")


@cache
def outlines(level: str) -> bytes:
    """The GeoJSON text (UTF-8) of a level of LEVELS; `KeyError` for any other."""
    if level not in LEVELS:
        raise KeyError(level)
    return (HERE / f"maps/fujian_{level}.geojson").read_bytes()
