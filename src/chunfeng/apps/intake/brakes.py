"""The brake: reasons to look twice before a list is taken in, because the file looks like a wrong one.

Each reason is a code with its figures; the words for people are in `words`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import polars as pl

from chunfeng.engines.sheets.kinds import Kind
from chunfeng.reference import regions

Known = Callable[[str, pl.Series], tuple[int, int]]
"""county, id numbers (18 characters) → how many of them are persons of the county's registry, and how many it has in all."""

(
    MANY_NEW,
    MANY_REPEATED,
    ELSEWHERE,
    FAR_FEWER,
    FAR_MORE,
    LITTLE_IN_COMMON,
    OTHER_EMPLOYERS,
    PARTS_MISSING,
    OLDER,
) = (
    "many_new",
    "many_repeated",
    "elsewhere",
    "far_fewer",
    "far_more",
    "little_in_common",
    "other_employers",
    "parts_missing",
    "older",  # told by `versions`
)

FEWEST = 20
"""Below so many rows a share says nothing."""
_NEW, _REPEATED, _ELSEWHERE, _FEWER, _MORE, _COMMON = 0.6, 0.3, 0.7, 0.5, 2.0, 0.2
_OF_FIRMS = ("employer", "post")
"""Subjects of lists that are about employers, not persons."""
_A_FEW = 3
"""Persons from which on two versions of a list with nobody in common are two lists, however short."""
_REGISTRY_STANDS = 200
"""A registry of fewer persons is only being begun: everybody is new to it."""

_known: list[Known] = []


def register_known(function: Known) -> None:
    """Let the room that knows the persons tell how many of a list it knows; to be called in `AppConfig.ready`."""
    _known[:] = [function]


def ids(kind: Kind, table: pl.DataFrame) -> pl.Series:
    """The whole citizen numbers of a table of typed records: of the person's own number, else of his certificate."""
    own = [("id_number", "id_number_kind")]
    own += [(f"{f.name}_id18", f"{f.name}_kind") for f in kind.fields if f.type == "certificate"]
    for column, look in own:
        if column in table.columns and look in table.columns:
            sound = table.filter(pl.col(look).cast(pl.String).is_in(["ok18", "ok15", "certificate"]))
            if found := sound[column].drop_nulls().rename("id18").to_list():
                return pl.Series("id18", found, dtype=pl.String)
    return pl.Series("id18", [], dtype=pl.String)


def check(
    county: str, kind: Kind | None, table: pl.DataFrame, before: Sequence[pl.DataFrame]
) -> list[dict[str, Any]]:
    """The reasons to look twice at a table of typed records. `before`: the versions it would replace."""
    if kind is None:
        return []
    if table.height == 0:  # nobody is left of the versions before, however few they were
        last = sum(b.height for b in before)
        return [{"code": FAR_FEWER, "n": 0, "of": last}] if last else []
    found = [*_against_registry(county, kind, table), *_within(kind, table), *_places(county, kind, table)]
    return found + (_against_before(kind, table, before) if before else [])


def _against_registry(county: str, kind: Kind, table: pl.DataFrame) -> list[dict[str, Any]]:
    whole = ids(kind, table).unique()
    if not _known or kind.subject != "person" or len(whole) < FEWEST:
        return []
    known, persons = _known[0](county, whole)
    new = len(whole) - known
    if persons < _REGISTRY_STANDS or new < _NEW * len(whole):
        return []
    return [{"code": MANY_NEW, "n": new, "of": len(whole)}]


def _within(kind: Kind, table: pl.DataFrame) -> list[dict[str, Any]]:
    same_row = table["issues"].str.contains("ROW_DUPLICATE").fill_null(False).sum()
    repeated = int(same_row)
    if kind.subject == "person" and not kind.series and kind.layout == "flat":
        whole = ids(kind, table)
        repeated = max(repeated, len(whole) - whole.n_unique())
    if table.height < FEWEST or repeated < _REPEATED * table.height:
        return []
    return [{"code": MANY_REPEATED, "n": repeated, "of": table.height}]


def _places(county: str, kind: Kind, table: pl.DataFrame) -> list[dict[str, Any]]:
    """Of all columns that tell a place, the one that speaks most for the county: of newcomers one column is always elsewhere.

    Employers may sit anywhere, so only lists of people are looked at.
    """
    if kind.subject not in ("person", "household"):
        return []
    columns = [f"{f.name}_region" for f in kind.fields if f.type in ("address", "region")]
    columns += [f.name for f in kind.fields if f.type == "region_code"]
    told = [table[c] for c in columns if c in table.columns and table[c].dtype == pl.String]
    shares = [s for s in map(partial(_away, county), (*told, ids(kind, table))) if s is not None]
    if not shares or min(shares)[0] < _ELSEWHERE:
        return []
    _, away, of = min(shares)
    return [{"code": ELSEWHERE, "n": away, "of": of}]


def _away(county: str, codes: pl.Series) -> tuple[float, int, int] | None:
    """Share and number of codes (or id numbers, by their first digits) outside the county, and how many tell a county at all.

    A code given out before the county had its present one counts as the county that took its place.
    """
    counts = codes.drop_nulls().str.slice(0, 6).value_counts(name="n")
    of = away = 0
    for code, n in counts.iter_rows():
        now = regions.current_code(code) if len(code) == 6 else None
        if now is not None:
            of += n
            away += 0 if county.startswith(now[:6]) else n
    return (away / of, away, of) if of >= FEWEST else None


def _against_before(kind: Kind, table: pl.DataFrame, before: Sequence[pl.DataFrame]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    rows, last = table.height, sum(b.height for b in before)
    if abs(rows - last) >= FEWEST and rows < _FEWER * last:
        found.append({"code": FAR_FEWER, "n": rows, "of": last})
    if abs(rows - last) >= FEWEST and rows > _MORE * last:
        found.append({"code": FAR_MORE, "n": rows, "of": last})
    now, then = ids(kind, table).unique(), pl.concat([ids(kind, b) for b in before]).unique()
    fewer, common = min(len(now), len(then)), int(now.is_in(then.implode()).sum())
    if (fewer >= FEWEST and common < _COMMON * fewer) or (fewer >= _A_FEW and not common):
        found.append({"code": LITTLE_IN_COMMON, "n": common, "of": fewer})
    ours, theirs = _employers(kind, table), pl.concat([_employers(kind, b) for b in before]).unique()
    if len(ours) and len(theirs) and not ours.is_in(theirs.implode()).any():
        found.append({"code": OTHER_EMPLOYERS, "n": len(ours), "of": len(theirs)})
    return found


def missing_parts(
    kind: Kind, coming: Sequence[pl.DataFrame], before: Sequence[pl.DataFrame]
) -> list[dict[str, Any]]:
    """Lists among those to be replaced of which nobody is in what comes in their place, though of others somebody is.

    `coming`: the list and those that come with it as parts of the same version.
    """
    here = pl.concat([_who(kind, table) for table in coming]).unique().implode()
    gone = [len(who) for b in before if len(who := _who(kind, b)) and not who.is_in(here).any()]
    gone = [n for n in gone if n >= (1 if kind.subject in _OF_FIRMS else _A_FEW)]
    if not gone or len(gone) == len(
        before
    ):  # with nobody at all in common it is another list, which `check` tells
        return []
    return [{"code": PARTS_MISSING, "n": len(gone), "of": len(before)}]


def _who(kind: Kind, table: pl.DataFrame) -> pl.Series:
    return (_employers(kind, table) if kind.subject in _OF_FIRMS else ids(kind, table)).rename("who")


def _employers(kind: Kind, table: pl.DataFrame) -> pl.Series:
    """The employers of a list of employers or their posts, by name; none for lists of persons."""
    named = kind.subject in _OF_FIRMS and "employer_name_key" in table.columns
    return (
        table["employer_name_key"].drop_nulls().unique()
        if named
        else pl.Series("employer_name_key", [], pl.String)
    )
