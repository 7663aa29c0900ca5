from itertools import permutations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from chunfeng.engines.sheets.assignment import best_pairs

shapes = st.tuples(st.integers(0, 5), st.integers(0, 5))
scores = st.sampled_from([0.0, 0.0, 0.6, 0.61, 0.7, 0.9, 1.0])


def _greatest_sum(table: np.ndarray) -> float:
    """By trying all: every choice of a column, or none, for each row."""
    rows, columns = table.shape
    padded = np.hstack([table, np.zeros((rows, rows))])
    return max(
        (
            sum(padded[i, j] for i, j in enumerate(chosen))
            for chosen in permutations(range(columns + rows), rows)
        ),
        default=0.0,
    )


@given(shapes.flatmap(lambda shape: arrays.arrays(np.float64, shape, elements=scores)))
def test_no_other_assignment_scores_more(table: np.ndarray) -> None:
    small = table[:3]
    pairs = best_pairs(small)
    assert len(set(pairs.values())) == len(pairs)
    assert all(small[row, column] > 0 for row, column in pairs.items())
    assert abs(sum(small[row, column] for row, column in pairs.items()) - _greatest_sum(small)) < 1e-9


def test_a_weaker_pair_gives_way_when_both_gain() -> None:
    assert best_pairs(np.array([[0.9, 0.8], [0.85, 0.0]])) == {0: 1, 1: 0}


def test_what_scores_nothing_is_no_pair() -> None:
    assert best_pairs(np.zeros((2, 3))) == {}
    assert best_pairs(np.array([[0.0], [0.7]])) == {1: 0}
