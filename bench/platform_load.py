"""Loading persons into the registry with all its indexes, under row-level security, against Django's bulk_create

Both take the same persons of a county (the sample's, over and over, each with numbers and names of its own) and leave the same
rows: id numbers and phones sealed and indexed, masks, pinyin. The peer gets its values ready-made in Python, as a program built
on it would have them. The machine may be shared, so CPU seconds are printed beside the wall: of this process, and of the
database's process that serves it. The two run side by side, so wall seconds on a free machine of two cores come near the larger.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from bench._platform_case import AS_OF, COUNTY, platform, sample_out, scaled

GOAL = 35_000
"""Issue's goal: persons a second."""


@dataclass(frozen=True)
class Cost:
    rows: int
    wall: float
    ours: float
    """CPU seconds of this process."""
    theirs: float
    """CPU seconds of the database's process."""
    peak_mb: float

    def line(self, what: str) -> str:
        busiest = max(self.ours, self.theirs)
        return (
            f"{what:34} {self.rows:>9,} rows  wall {self.wall:7.1f} s ({self.rows / self.wall:>8,.0f}/s)  "
            f"CPU {self.ours:6.1f} + {self.theirs:6.1f} s ({self.rows / busiest:>8,.0f} a second of the busier one)  "
            f"peak {self.peak_mb:6,.0f} MB"
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=int, default=1_000_000, help="rows of our load")
    parser.add_argument("--peer", type=int, default=50_000, help="rows that both load, for the ratio")
    parser.add_argument(
        "--sample", type=Path, help="folder with `out` of the sample county; made when missing"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cf-bench-out-") as kept:
        base = sample_out(options.sample or Path(kept) / "sample")
        small = scaled(base, Path(kept) / "small", options.peer, only_persons=True)
        large = scaled(base, Path(kept) / "large", options.persons, only_persons=True)
        with platform():
            _measure_all(small, large)
    return 0


def _measure_all(small: Path, large: Path) -> None:
    warm = [next(_frames(large))]
    _emptied(lambda: _measured(lambda: _ours(iter(warm))))  # compiled code is loaded
    peer = _emptied(lambda: _measured(_prepared_peer(small)))
    print(peer.line("Django bulk_create, 2,000 a time"), flush=True)
    same = _emptied(lambda: _measured(lambda: _ours(_frames(small))))
    print(same.line("ours"), flush=True)
    ratio, cpu = peer.wall / same.wall, (peer.ours + peer.theirs) / (same.ours + same.theirs)
    print(f"ours is {ratio:.1f} times as quick by the wall, {cpu:.1f} times by CPU seconds", flush=True)
    first = _measured(lambda: _ours(_frames(large)))
    print(first.line("ours, empty table"), flush=True)
    again = _measured(lambda: _ours(_frames(large)))
    print(again.line("ours, again, nothing changed"), flush=True)
    other = _measured(lambda: _ours(f.with_columns(pl.col("rows") + 1) for f in _frames(large)))
    print(other.line("ours, again, every person changed"), flush=True)
    reached = first.rows / max(first.ours, first.theirs)
    print(
        f"goal {GOAL:,}/s: {first.rows / first.wall:,.0f}/s by the wall, {reached:,.0f}/s by CPU", flush=True
    )


def _frames(out: Path):  # type: ignore[no-untyped-def]
    from chunfeng.apps.registry.loading import persons

    return persons(COUNTY, out)


def _ours(frames) -> int:  # type: ignore[no-untyped-def]
    from chunfeng.apps.places.bulk import replace
    from chunfeng.apps.registry.models import Person

    counts = replace(Person, frames, {"county": COUNTY}, ["key"], gone={"gone": AS_OF})
    return sum(counts.values())


def _prepared_peer(out: Path) -> Callable[[], int]:
    from chunfeng.apps.registry.models import Person

    rows = pl.concat(list(_frames(out))).to_dicts()

    def create() -> int:
        return len(Person.objects.bulk_create([Person(**row) for row in rows], batch_size=2_000))

    return create


def _emptied(work: Callable[[], Cost]) -> Cost:
    """Do it, then leave the table as empty as it was."""
    from django.db import connection

    from chunfeng.apps.intake.runs import scope_for
    from chunfeng.apps.places.scope import use

    result = work()
    with use(scope_for(COUNTY)), connection.cursor() as cursor:
        cursor.execute("DELETE FROM registry_person")
    _as_owner("VACUUM registry_person")
    return result


def _as_owner(statement: str) -> None:
    import psycopg

    from chunfeng.site import environment, postgres

    address = postgres.superuser(environment.load_secrets())
    conninfo = psycopg.conninfo.make_conninfo(address, dbname=environment.DATABASE)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(statement)


def _measured(work: Callable[[], int]) -> Cost:
    from django.db import connection

    from chunfeng.apps.intake.runs import scope_for
    from chunfeng.apps.places.scope import use

    connection.ensure_connection()
    server = connection.connection.info.backend_pid
    peak, stop = [0.0], threading.Event()
    watcher = threading.Thread(target=_watch, args=(peak, stop), daemon=True)
    watcher.start()
    before, theirs, started = _cpu(), _cpu_of(server), time.perf_counter()
    with use(scope_for(COUNTY)):
        rows = work()
    cost = Cost(rows, time.perf_counter() - started, _cpu() - before, _cpu_of(server) - theirs, 0)
    stop.set()
    watcher.join()
    return Cost(cost.rows, cost.wall, cost.ours, cost.theirs, peak[0])


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _cpu_of(pid: int) -> float:
    import psutil

    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def _watch(peak: list[float], stop: threading.Event) -> None:
    import psutil

    process = psutil.Process()
    while not stop.wait(0.02):
        peak[0] = max(peak[0], process.memory_info().rss / 1e6)


if __name__ == "__main__":
    raise SystemExit(main())
