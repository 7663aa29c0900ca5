"""What a run does once the files are read: the stages in order, each from what those before it left.

Every stage writes its own files into OUT and hands back counts and findings; all findings stand in one findings.csv.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from chunfeng.engines.linkage.employers import employers
from chunfeng.engines.matching.allocation.post_order import OrderError
from chunfeng.engines.matching.allocation.problem import QuotaError
from chunfeng.engines.rules.defects import Defect
from chunfeng.engines.travel.vehicles import TariffError
from chunfeng.pipeline import allocation, decisions, facts, fairs, matching, posts, registry, travel, wishes
from chunfeng.pipeline.outputs import write_csv

Progress = Callable[[int, int, str], None]
"""Called with stages done, all, and the name of the one at work."""

STAGES: tuple[tuple[str, str], ...] = (
    ("linkage", "比对归人"),
    ("facts", "事实"),
    ("decisions", "认定与政策"),
    ("posts", "岗位审查"),
    ("wishes", "意向与来电"),
    ("fairs", "招聘会报名"),
    ("travel", "返岗出行"),
    ("matching", "人岗匹配"),
    ("allocation", "公益岗安置与用工调剂"),
)
"""Stages by the name their counts and seconds have in run.json, and in Chinese."""


class StageError(Exception):
    """A file of the state folder cannot be used; the message names the stage, the file and the mend. What the stages before it
    wrote stands; the next run reads no file anew."""


_THEIR_FILES = (
    QuotaError,
    OrderError,
    TariffError,
    travel.PlacesError,
    travel.ConfirmedError,
    allocation.LotteryError,
)
"""What a stage raises for a file that people keep in the state folder."""


@dataclass(slots=True)
class Done:
    """What the stages found: `counts` and `seconds` by stage for run.json; `defects` of the county's own rules."""

    registry: registry.Registry
    counts: dict[str, dict[str, Any]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    defects: tuple[Defect, ...] = ()


def run(
    out: Path,
    state: Path | None,
    as_of: date,
    region: str | None,
    keys: Mapping[str, bytes],
    progress: Progress,
) -> Done:
    """All stages after intake. Raises StageError where a file of the state folder cannot be used."""
    clock = _Clock(progress)
    extracts = registry.read_extracts(out)
    with clock.stage("linkage"):
        firms = employers(extracts)
        linked = registry.run(out, state, as_of, keys, extracts, firms)
    done = Done(linked, {"linkage": linked.counts}, clock.seconds)
    with clock.stage("facts"):
        known = facts.run(out, extracts, linked, as_of, region)
    with clock.stage("decisions"):
        decided = decisions.publish(out, known, extracts, as_of, state)
    with clock.stage("posts"):
        screened = posts.publish(out, extracts, linked.claims, linked.numbered, as_of, region, firms=firms)
    with clock.stage("wishes"):
        wished = wishes.publish(out, extracts, region)
    with clock.stage("fairs"):
        offered = fairs.publish(out, extracts, as_of, firms=firms, posts=screened.answers)
    with clock.stage("travel"):
        links, people, homes = travel.published(out)
        rides = travel.publish(out, extracts, links, people, homes, as_of, region, state=state)
    with clock.stage("matching"):
        intentions = wished.intentions
        matched = matching.publish(
            out, extracts, screened.answers, intentions, as_of, region, state=state, firms=firms
        )
    with clock.stage("allocation"):
        placed = allocation.publish(out, extracts, links, as_of, region, state=state, firms=firms)
    add_findings(out, *(stage.findings for stage in (known, decided, screened, offered, rides, placed)))
    done.counts |= {
        "facts": known.counts,
        "decisions": decided.counts,
        "posts": screened.counts,
        "wishes": wished.counts,
        "fairs": offered.counts,
        "travel": rides.counts,
        "matching": matched.counts,
        "allocation": placed.counts,
    }
    done.defects = decided.defects
    return done


class _Clock:
    """Times the stages and tells which one is at work."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        self._progress(len(self.seconds), len(STAGES), dict(STAGES)[name])
        started = time.perf_counter()
        try:
            yield
        except _THEIR_FILES as error:
            raise StageError(f"{dict(STAGES)[name]} {name}: {error}") from error
        self.seconds[name] = time.perf_counter() - started
        if len(self.seconds) == len(STAGES):
            self._progress(len(STAGES), len(STAGES), "")


def add_findings(out: Path, *found: pl.DataFrame) -> None:
    """Add to findings.csv what later stages found; the columns are kind, person, rows, message."""
    first = pl.read_csv(out / "findings.csv", infer_schema=False)
    texts = [f.select(pl.col(c).cast(pl.String) for c in first.columns) for f in found]
    write_csv(pl.concat([first, *texts]), out / "findings.csv")
