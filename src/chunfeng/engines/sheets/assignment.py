"""Each row of a table of scores to at most one column and back, so that the sum of scores is greatest.

Shortest augmenting paths with dual prices (Jonker and Volgenant 1987; Crouse 2016, doi:10.1109/TAES.2016.140952). Our
tables are small and nearly empty; loading a library for them takes longer than all assignments of a file.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def best_pairs(scores: NDArray[np.float64]) -> dict[int, int]:
    """Column of each row that has one; `scores` is a matrix ≥ 0, and pairs that score 0 are none."""
    height, width = scores.shape
    if height > width:
        pairs = [(row, column) for column, row in enumerate(_assign((-scores.T).tolist(), height))]
    else:
        pairs = list(enumerate(_assign((-scores).tolist(), width)))
    return {row: column for row, column in pairs if scores[row, column] > 0}


def _assign(costs: Sequence[Sequence[float]], width: int) -> list[int]:
    """A column for each row, all different, at the least cost in all; no fewer columns (`width`) than rows."""
    row_price, column_price = [0.0] * len(costs), [0.0] * width
    column_of, row_of = [-1] * len(costs), [-1] * width
    for start in range(len(costs)):
        distance, before = [float("inf")] * width, [-1] * width
        left = list(range(width - 1, -1, -1))
        reached: list[int] = []
        row, column, far = start, -1, 0.0
        while column < 0 or row_of[column] >= 0:
            row = start if column < 0 else row_of[column]
            nearest, at = float("inf"), -1
            for place, j in enumerate(left):
                through = far + costs[row][j] - row_price[row] - column_price[j]
                if through < distance[j]:
                    distance[j], before[j] = through, row
                # among equally near columns a free one ends the search
                if distance[j] < nearest or (distance[j] == nearest and row_of[j] < 0):
                    nearest, at = distance[j], place
            column, far = left[at], nearest
            left[at] = left[-1]
            left.pop()
            reached.append(column)
        for j in reached:
            if row_of[j] >= 0:
                row_price[row_of[j]] += far - distance[j]
            column_price[j] -= far - distance[j]
        row_price[start] += far
        while True:  # hand the columns on along the path
            row = before[column]
            row_of[column], column_of[row], column = row, column, column_of[row]
            if row == start:
                break
    return column_of
