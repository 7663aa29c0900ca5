"""Titles as sparse rows of weighted letters: runs of one to three characters, with the ends of the title marked.

A run's weight is (1 + log count) x idf, rows have length 1. Runs outside of the vocabulary do not count.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from scipy import sparse

from chunfeng.engines.identity.han import simplify

LONGEST_RUN = 3
ENDS = "^$"
"""Marks of the beginning and the end of a title; they are taken out of titles."""
_DROPPED = re.compile(r"[\s\u200b-\u200f\ufeff\u00ad^$]+")
_MOST = 60
"""Characters of a title that are read: what follows is no title."""


def fold(title: str) -> str:
    """The form in which titles are compared: NFKC, simplified, lower case, no blanks."""
    return _DROPPED.sub("", simplify(unicodedata.normalize("NFKC", title)).lower())[:_MOST]


def runs(title: str) -> Counter[str]:
    """How often each run of letters stands in a title."""
    text = f"{ENDS[0]}{fold(title)}{ENDS[1]}"
    return Counter(
        text[at : at + size] for size in range(1, LONGEST_RUN + 1) for at in range(len(text) - size + 1)
    )


def vocabulary(
    titles: Sequence[str], least: int = 2
) -> tuple[list[str], np.ndarray[tuple[int], np.dtype[np.float32]]]:
    """(runs that stand in at least so many titles, sorted; their idf by the smoothed formula ln((1+n)/(1+df)) + 1)."""
    held = Counter(run for title in titles for run in runs(title))
    kept = sorted(run for run, count in held.items() if count >= least)
    idf = [math.log((1 + len(titles)) / (1 + held[run])) + 1 for run in kept]
    return kept, np.asarray(idf, dtype=np.float32)


def matrix(
    titles: Sequence[str], place: Mapping[str, int], idf: np.ndarray[tuple[int], np.dtype[np.float32]]
) -> sparse.csr_matrix:
    """Rows of the titles over the vocabulary (`place`: run → column)."""
    starts, columns, counts = [0], list[int](), list[int]()
    for title in titles:
        for run, count in runs(title).items():
            column = place.get(run)
            if column is not None:
                columns.append(column)
                counts.append(count)
        starts.append(len(columns))
    at = np.asarray(columns, dtype=np.int32)
    values = (1 + np.log(np.asarray(counts, dtype=np.float32))) * idf[at]
    rows = sparse.csr_matrix((values, at, np.asarray(starts, dtype=np.int32)), shape=(len(titles), len(idf)))
    length = np.sqrt(rows.multiply(rows).sum(axis=1)).A1
    return sparse.csr_matrix(sparse.diags(1 / np.maximum(length, 1e-12)) @ rows)
