"""What a decision sets off: one run, never of an earlier day than the one under way."""

from __future__ import annotations

from datetime import date

import pytest

from chunfeng.apps.intake.models import Run
from chunfeng.apps.places.scope import use
from chunfeng.apps.registry.services import after

pytestmark = pytest.mark.usefixtures("db")
COUNTY = "350825"


def test_a_run_after_the_one_under_way_is_of_the_same_day(scope_of):
    county = scope_of(COUNTY)
    with use(county):
        assert after.ask_for_run(COUNTY) is None  # nothing was ever run here
        done, running = (
            Run.objects.create(
                place=county.reach.low, as_of=day, state=state, attempts=1, inputs={"lists": {}}
            )
            for day, state in (
                (date(2023, 1, 10), Run.State.DONE),
                (date(2023, 1, 15), Run.State.RUNNING),
            )
        )
        asked = Run.objects.get(pk=after.ask_for_run(COUNTY))
        assert asked.pk not in (done.pk, running.pk) and asked.as_of == running.as_of
        assert after.ask_for_run(COUNTY) == asked.pk
