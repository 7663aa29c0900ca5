"""What was learnt of titles: a weight for each run of letters and occupation, and the names of all occupations.

Score of an occupation = linear classifier + likeness to the nearest of its names (cosine). An occupation nobody labelled has
only its names. Stored as a compressed array file: weights in 8 bits, the small ones left out.
"""

from __future__ import annotations

import gzip
import io
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from chunfeng.engines.matching.occupations import features

NEVER = -1.0
"""Score by the classifier of an occupation that no labelled title has."""
_SEPARATOR = "\n"


@dataclass(frozen=True, slots=True)
class Model:
    """`codes`: every code that may be answered. `weights`: codes x runs, `bias` beside it; zero rows for unlabelled codes.

    `names`: (names x runs) rows of the names and aliases, `of_name`: the place in `codes` of each; sorted by that place.
    """

    codes: list[str]
    runs: list[str]
    idf: np.ndarray[Any, np.dtype[np.float32]]
    weights: sparse.csr_matrix
    bias: np.ndarray[Any, np.dtype[np.float32]]
    names: sparse.csr_matrix
    of_name: np.ndarray[Any, np.dtype[np.int32]]

    def scores(self, titles: list[str]) -> np.ndarray[Any, np.dtype[np.float32]]:
        """Scores, titles x codes."""
        place = {run: at for at, run in enumerate(self.runs)}
        return self.score_rows(features.matrix(titles, place, self.idf))

    def score_rows(self, rows: sparse.csr_matrix) -> np.ndarray[Any, np.dtype[np.float32]]:
        """Scores of titles already turned into rows."""
        learnt = np.asarray((rows @ self.weights.T).todense(), dtype=np.float32) + self.bias
        likeness = np.asarray((rows @ self.names.T).todense(), dtype=np.float32)
        starts = np.flatnonzero(np.r_[True, np.diff(self.of_name) != 0])
        learnt[:, self.of_name[starts]] += np.maximum.reduceat(likeness, starts, axis=1)
        return learnt


def pack(model: Model) -> bytes:
    """The model as a file. Weights lose precision: measure what is loaded. ValueError for more than 65,535 runs."""
    if len(model.runs) > np.iinfo(np.uint16).max:
        raise ValueError(f"{len(model.runs)} runs of letters are more than the file can number")
    weights, names = model.weights.tocsr(), model.names.tocsr()
    weights.sort_indices()
    most = np.maximum(np.asarray(abs(weights).max(axis=1).todense()).ravel(), 1e-9) / 127
    held = {
        "codes": _text(model.codes), "runs": _text(model.runs), "idf": model.idf.astype(np.float16),
        "bias": model.bias.astype(np.float32), "scale": most.astype(np.float32),
        "starts": weights.indptr.astype(np.int32), "columns": weights.indices.astype(np.uint16),
        "values": np.round(weights.data / np.repeat(most, np.diff(weights.indptr))).astype(np.int8),
        "name_starts": names.indptr.astype(np.int32), "name_columns": names.indices.astype(np.uint16),
        "name_values": names.data.astype(np.float16), "of_name": model.of_name.astype(np.int32),
    }  # fmt: skip
    file = io.BytesIO()
    np.savez(file, **held)
    return gzip.compress(file.getvalue(), 9, mtime=0)


def unpack(packed: bytes) -> Model:
    """A packed model. ValueError for bytes that are none."""
    try:
        held = np.load(io.BytesIO(gzip.decompress(packed)), allow_pickle=False)
        codes, runs = _words(held["codes"]), _words(held["runs"])
        values = held["values"].astype(np.float32) * np.repeat(held["scale"], np.diff(held["starts"]))
        return Model(
            codes, runs, held["idf"].astype(np.float32),
            sparse.csr_matrix((values, held["columns"].astype(np.int32), held["starts"]), shape=(len(codes), len(runs))),
            held["bias"],
            sparse.csr_matrix(
                (held["name_values"].astype(np.float32), held["name_columns"].astype(np.int32), held["name_starts"]),
                shape=(len(held["of_name"]), len(runs)),
            ),
            held["of_name"],
        )  # fmt: skip
    except (OSError, EOFError, KeyError, zlib.error) as error:
        raise ValueError(f"不是职业识别模型文件 / not a model of occupations: {error}") from error


def _text(words: list[str]) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.frombuffer(_SEPARATOR.join(words).encode(), dtype=np.uint8)


def _words(raw: np.ndarray[Any, np.dtype[np.uint8]]) -> list[str]:
    return raw.tobytes().decode().split(_SEPARATOR)
