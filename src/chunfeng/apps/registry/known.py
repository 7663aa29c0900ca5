"""How many of a list's persons the registry knows, for the brake on lists that look like wrong ones."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from chunfeng.apps.places.numbers import reach
from chunfeng.apps.places.scope import current, use
from chunfeng.apps.registry.models import Person
from chunfeng.apps.vault.columns import blind_indexes

_AT_ONCE = 10_000


def known(county: str, ids: pl.Series) -> tuple[int, int]:
    """How many of these id numbers (18 characters, each once) are persons of the county, and how many persons it has.

    Counted in the county as a whole, whoever asks: two figures tell of nobody.
    """
    indexes = [bytes.fromhex(i) for i in blind_indexes("id18", ids).drop_nulls()]
    with use(replace(current(), persons=reach(county))):
        here = Person.objects.filter(county=county, gone=None)
        found = 0
        for start in range(0, len(indexes), _AT_ONCE):
            some = here.filter(id18_index__in=indexes[start : start + _AT_ONCE])
            found += some.values("id18_index").distinct().count()
        return found, here.count()
