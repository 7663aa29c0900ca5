"""Which kind of extract a sheet is and which column is which field, each with a confidence and a reason.

Headers and contents vote together; what stays below the threshold is reported and left alone, never guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from chunfeng.engines.sheets.answers import weight as titles_weight
from chunfeng.engines.sheets.assignment import best_pairs
from chunfeng.engines.sheets.gist import WordIndex
from chunfeng.engines.sheets.grid import ROW, Grid, column_name
from chunfeng.engines.sheets.header import Header
from chunfeng.engines.sheets.header_scores import header_scores, words_of
from chunfeng.engines.sheets.kinds import Field, Kind
from chunfeng.engines.sheets.profile import Profile, fit, profile
from chunfeng.engines.sheets.ticks import FREE as FREE_TEXT
from chunfeng.engines.sheets.ticks import Question, questions, readings

TAKE = 0.6
"""A column is taken from this confidence on."""
TAKE_KIND = 0.5
TAKE_KIND_ALONE = 0.3
"""A kind is taken from TAKE_KIND on, or from here when no other kind comes within KIND_LEAD of it."""
KIND_LEAD = 0.06
MARGIN = 0.04
_SURENESS = 6
_HARD = {"citizen_id", "certificate", "token", "credit_code", "phone", "checkboxes", "region_code"}
_WEAK = {
    "integer",
    "decimal",
    "money",
    "amount",
    "yes_no",
    "text",
    "contact",
    "region",
    "retirement_category",
}
"""Types whose look says little: many columns hold numbers, short words, ticks."""
_FREE = {"text", "contact", "region", "amount"}
SAMPLE = 400


@dataclass(frozen=True, slots=True)
class Column:
    """The decision on one column. `why`: header, content, saved, uncertain, duplicate, ticks (read with the one before), none."""

    index: int
    header: str
    field: str | None
    confidence: float
    why: str
    against_header: bool = False


@dataclass(slots=True)
class Plan:
    """The decision on one sheet: kind (None: unknown), header, columns, the nearest kinds with their scores."""

    kind: Kind | None
    confidence: float
    header: Header | None
    columns: list[Column]
    candidates: list[tuple[str, float]] = field(default_factory=list)
    saved: bool = False

    def index_of(self, name: str) -> int | None:
        """Position of the column mapped to that field."""
        return next((c.index for c in self.columns if c.field == name), None)


def profiles(grid: Grid, header: Header | None) -> list[Profile]:
    """The look of every column, from a sample of the rows below the header."""
    below = grid.head if header is None else grid.head.filter(pl.col(ROW) > header.last)
    step = max(1, below.height // SAMPLE)
    sample = below.gather_every(step) if step > 1 else below
    return [profile(sample[column_name(i)]) for i in range(grid.width)]


def column_score(h: float, f: Field, c: float | None) -> float:
    """Header and content (`fit`) together, 0..1."""
    if c is None:
        return 0.9 * h if h >= 0.9 else 0.7 * h
    if f.type in _HARD:
        if c < 0.15:
            return 0.2 * h
        if h >= 0.9:
            return h * (0.72 + 0.28 * c)
        if c >= 0.5:
            # the content alone names the column; the header says which of several
            base = (
                0.64
                if f.content == "certain" and f.name in ("id_number", "person_token", "credit_code")
                else 0.35
            )
            return max(base + 0.1 * c, 0.55 * h + 0.45 * c)
        return 0.5 * h
    if h >= 0.9:
        if c < 0.12 and f.type not in _FREE:
            return 0.45
        return h * (0.72 + 0.28 * (max(c, 0.9) if f.type in _FREE else c))
    if h < 0.4:
        return 0.25 * c if f.type not in _FREE else 0.0
    weight = 0.18 if f.type in _WEAK else 0.28
    return ((1 - weight) * h + weight * c) if c >= 0.3 else 0.5 * h


def _serial_score(h: float, look: Profile) -> float:
    """A running number has one of the few known words over it; it never takes a column from a field that fits."""
    if h < 0.96:
        return 0.0
    return 0.99 if look.filled == 0 or look.share("integer") > 0.8 else 0.61


@dataclass(slots=True)
class _Fit:
    kind: Kind
    columns: list[Column]
    score: float


def _assign(
    kind: Kind,
    header: Header | None,
    looks: list[Profile],
    names: list[str],
    fits: Sequence[dict[str, float | None]],
    words: WordIndex,
    asked: Sequence[Question] = (),
) -> list[Column]:
    variants = [tuple(header.variants(i)) if header else () for i in range(len(looks))]
    matrix = np.zeros((len(looks), len(kind.fields)))
    for i, look in enumerate(looks):
        if not variants[i] and look.filled == 0:
            continue
        scores = header_scores(variants[i], kind, words)
        for j, f in enumerate(kind.fields):
            if f.name == "serial":
                matrix[i, j] = _serial_score(scores[j], look)
                continue
            matrix[i, j] = column_score(scores[j], f, fits[i][f.type])
            if not variants[i]:
                matrix[i, j] = max(matrix[i, j], _headless(f, look))
    questions = [q for q in asked if _read_as_one(q, kind, matrix, words)]
    asking = {q.columns[0] for q in questions}
    # what is too weak to be taken must not push a good pair apart
    # and two that might be are not worth one that is: 身份证号 stays what it says though 卡号 could be a number, too
    chosen = best_pairs(np.where(matrix >= TAKE, matrix, 0.0) ** _SURENESS)
    columns: list[Column] = []
    for i, look in enumerate(looks):
        if not variants[i] and look.filled == 0:
            columns.append(Column(i, names[i], None, 0.0, "none"))
            continue
        j = chosen.get(i, -1)
        score = float(matrix[i, j]) if j >= 0 else 0.0
        if score < TAKE:
            best = int(np.argmax(matrix[i])) if kind.fields else 0
            uncertain = matrix[i, best] >= 0.35
            columns.append(
                Column(i, names[i], None, float(matrix[i, best]), "uncertain" if uncertain else "none")
            )
            continue
        f = kind.fields[j]
        h = score if i in asking else header_scores(variants[i], kind, words)[j]
        rivals = [
            k for k in range(len(looks))
            if k != i and matrix[k, j] >= score - 0.06 and variants[k] and set(variants[k][:1]) == set(variants[i][:1])
        ]  # fmt: skip
        if rivals and f.name != "serial":
            columns.append(Column(i, names[i], None, score, "duplicate"))
            continue
        columns.append(
            Column(
                i,
                names[i],
                f.name,
                round(score, 3),
                "header" if h >= 0.5 else "content",
                bool(variants[i]) and h < 0.5,
            )
        )
    beside = {i for q in questions for i in q.columns[1:] if columns[q.columns[0]].field}
    columns = [
        Column(c.index, c.header, None, c.confidence, "ticks") if c.index in beside else c for c in columns
    ]
    twins = {c.header for c in columns if c.why == "duplicate"}
    return [
        Column(c.index, c.header, None, c.confidence, "duplicate")
        if c.field is None and c.header in twins and c.header
        else c
        for c in columns
    ]


def _read_as_one(question: Question, kind: Kind, matrix: NDArray[np.float64], words: WordIndex) -> bool:
    """Whether a kind has a field for a question over several columns to tick; its first column then stands for it.

    Not where the answers are fields of their own that say yes or no (是否脱贫户, 是否低保).
    """
    own = [int(np.argmax(matrix[i])) for i in question.columns]
    if any(
        kind.fields[j].type == "yes_no" and matrix[i, j] >= TAKE
        for i, j in zip(question.columns, own, strict=True)
    ):
        return False
    scores: Sequence[float] = header_scores(readings(question), kind, words)
    if not question.text:  # what one of the answers is taken for, they are
        scores = matrix[list(question.columns)].max(axis=0).tolist()
    free = [j for j, f in enumerate(kind.fields) if f.type in FREE_TEXT and scores[j] >= 0.9]
    if not free:
        return False
    best = max(free, key=lambda j: scores[j])
    matrix[list(question.columns), :] = 0.0
    matrix[question.columns[0], best] = scores[best]
    return True


def _headless(f: Field, look: Profile) -> float:
    """Confidence from content alone, for columns without any header; only unmistakable looks count."""
    if f.name == "name":
        return 0.62 if (fit("name", look) or 0) > 0.9 and look.distinct > look.filled * 0.5 else 0.0
    if f.name == "id_number":
        return 0.75 if (fit("citizen_id", look) or 0) > 0.6 else 0.0
    if f.name == "phone":
        return 0.62 if (fit("phone", look) or 0) > 0.8 else 0.0
    if f.name == "sex":
        return 0.62 if look.share("code:sex") > 0.95 else 0.0
    return 0.0


def _weights(fits: Sequence[_Fit], looks: Sequence[Profile]) -> list[float]:
    """How much each column tells kinds apart: little when every kind has a field for it, as for name and number."""
    weights: list[float] = []
    for i, look in enumerate(looks):
        claims = sum(x.columns[i].field is not None and not (x.kind.generic or x.kind.own) for x in fits)
        said = look.filled > 0 or any(x.columns[i].header for x in fits[:1])
        weights.append(0.0 if not said else 0.15 if claims == 0 else claims**-0.5)
    return weights


def _kind_score(
    kind: Kind,
    columns: list[Column],
    looks: list[Profile],
    titles: Sequence[tuple[str, float]],
    weights: Sequence[float],
) -> float:
    mapped = {c.field: c for c in columns if c.field}
    if kind.own and not all(
        f.name in mapped and mapped[f.name].header in f.words for f in kind.fields if f.required
    ):
        return (
            0.0  # its values stand before every list's: no list of a department may look like one by chance
        )
    doubled = sum(0.5 * weights[c.index] for c in columns if c.why == "duplicate")
    # a column just above the threshold says little about the kind, a certain one says much
    fit_share = (sum(_sureness(c) * weights[c.index] for c in mapped.values()) + doubled) / max(
        sum(weights), 0.3
    )
    # a key column of mere figures is no key: tables of sums have them
    keys: list[Column] = [
        mapped[k] for k in kind.key if k in mapped and _is_key(kind.field(k), looks[mapped[k].index])
    ]
    if not keys:
        return 0.0
    if kind.generic:
        return 0.25 + 0.17 * fit_share if any(_sureness(c) >= 0.6 for c in keys) else 0.0
    signature = [f for f in kind.fields if f.signature]
    found = sum(1 for f in signature if f.name in mapped and _sureness(mapped[f.name]) >= 0.4)
    enough = min(4, len(signature))
    recall = (min(found, enough) / enough) ** 0.5 if signature else 0.0
    required = [f for f in kind.fields if f.required]
    complete = sum(1 for f in required if f.name in mapped) / len(required) if required else 1.0
    title = titles_weight(kind, titles)
    if found == 0 and title == 0:
        return 0.0
    score = 0.42 * fit_share + 0.2 * recall + 0.13 * complete + 0.25 * title
    # one matching column and no title is what any list may have by chance
    return score if title > 0 or found >= min(2, enough) else 0.6 * score


def _sureness(c: Column) -> float:
    return max(0.0, min(1.0, (c.confidence - 0.5) / 0.42))


def _is_key(f: Field, look: Profile) -> bool:
    return (
        look.filled == 0
        or f.type not in ("text", "name", "org_name", "contact")
        or look.share("number") < 0.9
    )


def _is_sure(named: Sequence[_Fit]) -> bool:
    """Whether the best of the kinds that are not generic may be taken."""
    if not named or named[0].score < TAKE_KIND_ALONE:
        return False
    return named[0].score >= TAKE_KIND or len(named) == 1 or named[0].score - named[1].score >= KIND_LEAD


def decide(
    grid: Grid,
    header: Header | None,
    looks: list[Profile],
    kinds: Sequence[Kind],
    titles: Sequence[tuple[str, float]],
) -> Plan:
    """The best kind for a sheet and its columns. `titles` are texts that name the sheet, with their weight."""
    names = [header.name(i) if header else "" for i in range(grid.width)]
    fits: list[_Fit] = []
    types = {f.type for kind in kinds for f in kind.fields}
    of_type = [{t: fit(t, look) for t in types} for look in looks]
    words = words_of(tuple(kinds))
    asked = questions(header, grid.head.filter(pl.col(ROW) > header.last)) if header else []
    for kind in kinds:
        fits.append(_Fit(kind, _assign(kind, header, looks, names, of_type, words, asked), 0.0))
    weights = _weights(fits, looks)
    for x in fits:
        x.score = _kind_score(x.kind, x.columns, looks, titles, weights)
    fits.sort(key=lambda x: -x.score)
    candidates = [(x.kind.code, round(x.score, 3)) for x in fits[:3] if x.score > 0]
    if not fits or fits[0].score <= 0:
        empty = [Column(i, names[i], None, 0.0, "none") for i in range(grid.width)]
        return Plan(None, 0.0, header, empty, candidates)
    best = fits[0]
    named = [x for x in fits if not x.kind.generic]
    if named and named[0].score > 0:
        best = (
            named[0]
            if _is_sure(named)
            else next((x for x in fits if x.kind.generic and x.score > 0), named[0])
        )
    kind_or_none = best.kind if best.kind.generic or _is_sure(named) else None
    if kind_or_none is None:
        empty = [Column(i, names[i], None, 0.0, "none") for i in range(grid.width)]
        return Plan(None, best.score, header, empty, candidates)
    return Plan(best.kind, round(best.score, 3), header, best.columns, candidates)


def still_fits(plan: Plan, grid: Grid, header: Header | None) -> bool:
    """Whether an earlier sheet's decision holds for this sheet of the same header: its certain columns look right."""
    if plan.kind is None or header is None or len(plan.columns) != grid.width:
        return False
    below = grid.head.filter(pl.col(ROW) > header.last).head(SAMPLE)
    for c in plan.columns:
        if c.field is None or plan.kind.field(c.field).type not in _HARD:
            continue
        share = fit(plan.kind.field(c.field).type, profile(below[column_name(c.index)]))
        if share is not None and share < 0.3:
            return False
    return True


def moved(plan: Plan, header: Header | None) -> Plan:
    """The same decision for a sheet whose header stands elsewhere."""
    return Plan(plan.kind, plan.confidence, header, plan.columns, plan.candidates, plan.saved)


def apply_saved(grid: Grid, header: Header | None, kind: Kind, chosen: dict[str, str | None]) -> Plan:
    """A person's answer in place of our reading: `chosen` maps header texts to fields (None: leave alone).

    A repeated header is written with its occurrence: «姓名#2» is the second column of that name.
    """
    names = [header.name(i) if header else "" for i in range(grid.width)]
    seen: dict[str, int] = {}
    columns: list[Column] = []
    for i, name in enumerate(names):
        seen[name] = seen.get(name, 0) + 1
        key = f"{name}#{seen[name]}" if f"{name}#{seen[name]}" in chosen else name
        target = chosen.get(key) if seen[name] == 1 or "#" in key else None
        columns.append(Column(i, name, target, 1.0 if target else 0.0, "saved" if target else "none"))
    return Plan(kind, 1.0, header, columns, [(kind.code, 1.0)], saved=True)
