"""A column of titles → five occupations each, with scores and margins; each distinct title is looked at once."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from chunfeng.engines.matching.occupations import features
from chunfeng.engines.matching.occupations.model import Model, unpack
from chunfeng.reference import codes, titles

BEST = 5
SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "code": pl.String, "name": pl.String, "score": pl.Float32, "margin": pl.Float32, "by": pl.String,
    "codes": pl.List(pl.String), "scores": pl.List(pl.Float32),
}  # fmt: skip
"""`code`: the likeliest, at the depth it was learnt (1, 1-02, 1-02-01, 1-02-01-00). `margin`: score above the second's; a small
one wants a human. `by`: `name` where the title is an occupation's very name, `model` otherwise. `codes`, `scores`: five best."""
_BLOCK = 2048
"""Titles scored together: 2,048 x 1,900 scores are 16 MB."""


@cache
def model() -> Model:
    """The model shipped in the reference."""
    return unpack(titles.packed())


def classify(texts: pl.Series) -> pl.DataFrame:
    """Columns of SCHEMA for every title; null where the title is null, blank, or holds no known run of letters."""
    typed = texts.cast(pl.String).rename("text").to_frame()
    distinct = (
        typed.filter(pl.col("text").str.strip_chars() != "").unique(maintain_order=True)["text"].to_list()
    )
    table = pl.DataFrame(_answers(distinct), schema={"text": pl.String, **SCHEMA}, orient="row")
    return typed.join(table, on="text", how="left", maintain_order="left").select(*SCHEMA)


def _answers(texts: list[str]) -> list[tuple[object, ...]]:
    shipped = model()
    answers: list[tuple[object, ...]] = []
    for start in range(0, len(texts), _BLOCK):
        block = texts[start : start + _BLOCK]
        scores = shipped.scores(block)
        best = np.argpartition(-scores, BEST, axis=1)[:, : BEST + 1]
        order = np.argsort(-np.take_along_axis(scores, best, axis=1), axis=1, kind="stable")
        best = np.take_along_axis(best, order, axis=1)[:, :BEST]
        values = np.take_along_axis(scores, best, axis=1)
        for text, places, found in zip(block, best.tolist(), values.tolist(), strict=True):
            if _is_known(text):
                answers.append((text, *_answer(text, [shipped.codes[at] for at in places], found)))
    return answers


def _answer(text: str, found: list[str], scores: list[float]) -> tuple[object, ...]:
    """The very name of an occupation is that occupation, whatever the model thinks; it comes first then."""
    named = codes.lookup("occupation", text)
    by = "model"
    if named is not None and len(named) == len("1-02-01-00"):
        by, rest = "name", [(c, s) for c, s in zip(found, scores, strict=True) if c != named]
        top = max(scores[0], 1.0)
        found = [named, *(c for c, _ in rest)][:BEST]
        scores = [top, *(s for _, s in rest)][:BEST]
    return (
        found[0],
        codes.name_of("occupation", found[0]),
        scores[0],
        scores[0] - scores[1],
        by,
        found,
        scores,
    )


def _is_known(title: str) -> bool:
    """Whether a title shares two letters, or a run of two, with what was learnt."""
    held = [run for run in features.runs(title) if run in _runs()]
    letters = [run for run in held if len(run) == 1 and run not in features.ENDS]
    return len(letters) > 1 or any(len(run) > 1 for run in held)


@cache
def _runs() -> frozenset[str]:
    return frozenset(model().runs)
