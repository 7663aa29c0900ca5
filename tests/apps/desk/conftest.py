"""Counting queries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext


@pytest.fixture
def at_most() -> Callable[[int], Any]:
    """`with at_most(n):` no more than n queries."""

    @contextmanager
    def bounded(n: int) -> Iterator[None]:
        with CaptureQueriesContext(connection) as asked:
            yield
        told = [q["sql"][:150] for q in asked.captured_queries]
        assert len(told) <= n, "\n".join(told)

    return bounded
