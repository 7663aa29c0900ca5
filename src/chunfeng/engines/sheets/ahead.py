"""The next item of a sequence is made while the last one is used."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

_Item = TypeVar("_Item")


def ahead(items: Iterator[_Item]) -> Iterator[_Item]:
    """The same items in the same order; what raises there raises here, at the same place."""

    def following() -> tuple[_Item, ...]:
        return next(((item,) for item in items), ())

    with ThreadPoolExecutor(1) as beside:
        upcoming: Future[tuple[_Item, ...]] = beside.submit(following)
        while item := upcoming.result():
            upcoming = beside.submit(following)
            yield from item
