"""Where the seats of China's provinces, cities and counties lie; see `SOURCES.toml` for how exactly."""

from __future__ import annotations

import math
from functools import cache

import polars as pl

from chunfeng.reference.data_files import rows

EARTH_RADIUS_KM = 6371.0088
"""Mean radius of the earth, IUGG."""


@cache
def _seats() -> dict[str, tuple[float, float]]:
    return {
        row["code"]: (float(row["longitude"]), float(row["latitude"]))
        for row in rows("coordinates/seats.csv")
    }


def seat(code: str) -> tuple[float, float] | None:
    """Longitude and latitude, in degrees, of the seat of a region; of the county, else the city, it lies in.

    None for an unknown code. A town's or village's place is not known: it gets its county's seat.
    """
    known = _seats()
    return next((known[code[:n]] for n in (6, 4) if len(code) >= n and code[:n] in known), known.get(code))


@cache
def frame() -> pl.DataFrame:
    """code (String), longitude, latitude (Float64, degrees)."""
    known = _seats()
    return pl.DataFrame(
        {"code": list(known), "longitude": [p[0] for p in known.values()], "latitude": [p[1] for p in known.values()]},
        schema={"code": pl.String, "longitude": pl.Float64, "latitude": pl.Float64},
    )  # fmt: skip


def kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Great-circle distance of two places given as longitude, latitude in degrees."""
    (x1, y1), (x2, y2) = ((math.radians(x), math.radians(y)) for x, y in (one, other))
    half = math.sin((y2 - y1) / 2) ** 2 + math.cos(y1) * math.cos(y2) * math.sin((x2 - x1) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(half)))
