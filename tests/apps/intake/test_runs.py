"""Runs on the platform: asked for, done, loaded once, taken up again when a worker was killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import polars as pl
import psycopg
import pytest
from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Job
from psycopg import sql

from chunfeng.apps.audit.models import Event
from chunfeng.apps.intake import doing, results, running, runs, state, tasks
from chunfeng.apps.intake.models import Run, StateFile
from chunfeng.apps.places import again
from chunfeng.apps.places.scope import use
from chunfeng.apps.places.scoped import scoped_models
from chunfeng.apps.registry.models import Claim, Person, minted_number
from chunfeng.apps.vault import scratch
from chunfeng.site import environment, postgres
from tests.pipeline.county import REGISTER, register

COUNTY, NEIGHBOUR = "350825", "350821"
AS_OF = date(2023, 1, 15)
pytestmark = pytest.mark.usefixtures("platform")


def delivery(folder: Path, first: int, last: int) -> Path:
    """The register of some of the invented persons."""
    folder.mkdir(parents=True, exist_ok=True)
    register(REGISTER.slice(first, last - first)).write_csv(folder / "公安-户籍人口.csv", include_bom=True)
    return folder


@pytest.fixture
def county(scope_of):
    return scope_of(COUNTY)


def jobs(run: Run) -> list[str]:
    return list(
        ProcrastinateJob.objects.filter(task_name=runs.TASK, args__number=run.pk).values_list(
            "status", flat=True
        )
    )


def people() -> dict[int, tuple]:
    return {p.key: (p.id18, p.place, p.gone) for p in Person.objects.filter(county=COUNTY)}


@pytest.mark.slow
@pytest.mark.usefixtures("db")
def test_a_run_loads_its_county_and_the_next_one_what_changed(tmp_path, county, helpers):
    with use(county):
        first = runs.ask(
            COUNTY, AS_OF, folder=delivery(tmp_path / "一", 0, 60), keys={"甲": b"sixteen bytes ok"}
        )
        assert jobs(first) == ["todo"]
    out = tmp_path / "out"
    with helpers.copying(out):
        done = doing.do(first.pk, COUNTY)
    assert (done.state, done.error, done.attempts) == (Run.State.DONE, "", 1)
    with use(county):
        before = people()
        published = pl.read_parquet(out / "persons.parquet")
        assert {minted_number(key): said[0] for key, said in before.items()} == dict(
            published.select("person", "id18").iter_rows()
        )
        assert Claim.objects.count() == pl.read_csv(out / "links.csv", infer_schema=False).height == 60
        kept = set(StateFile.objects.values_list("name", flat=True))
        assert {"numbers.parquet", "assignments.parquet", "keys/甲"} <= kept
        assert not any(name.startswith("readings") for name in kept)
        assert done.counts["run"]["linkage"]["persons"] == len(before) == 60
        assert Event.objects.filter(action="load", key=str(done.pk)).count() == 1
    assert not list(scratch.folder().iterdir()), "nothing lies open any more"
    assert set(done.kept) == {results.WHY, results.ROWS, results.STORE}
    assert doing.do(first.pk, COUNTY) is None, "a loaded run is not done again"

    # the first twenty leave the lists, the others stay what they are, ten come new
    with use(county):
        second = runs.ask(COUNTY, date(2023, 2, 15), folder=delivery(tmp_path / "二", 20, 70))
    done = doing.do(second.pk, COUNTY)
    assert done.state == Run.State.DONE, done.error
    loaded = done.counts["loaded"]["registry"]
    assert (loaded["person.inserted"], loaded["person.deleted"]) == (10, 20)
    with use(county):
        after = people()
        assert {key: after[key][:2] for key in before} == {key: said[:2] for key, said in before.items()}
        ids = set(REGISTER["身份证号码"][:20])
        assert {said[0] for said in after.values() if said[2] == date(2023, 2, 15)} == ids
        assert not Run.objects.get(pk=first.pk).kept and runs.last_run(COUNTY).kept == done.kept
        with results.opened(runs.last_run(COUNTY), results.ROWS) as rows:
            assert sum(pl.read_parquet(p).height for p in (rows / "extracts").iterdir()) == 50

    # and come back under their old numbers
    with use(county):
        third = runs.ask(COUNTY, date(2023, 3, 15), folder=delivery(tmp_path / "三", 0, 70))
    doing.do(third.pk, COUNTY)
    with use(county):
        again = people()
        assert {said[2] for said in again.values()} == {None}
        assert {k: v[0] for k, v in again.items()} == {k: v[0] for k, v in after.items()}


@pytest.mark.usefixtures("db")
def test_one_waiting_run_is_enough(county, scope_of):
    with use(county):
        first = runs.ask(COUNTY, AS_OF)
        assert runs.ask(COUNTY, AS_OF).pk == first.pk
        assert runs.ask(COUNTY, date(2023, 2, 15)).pk != first.pk
        Run.objects.filter(pk=first.pk).update(state=Run.State.RUNNING)
        assert runs.ask(COUNTY, AS_OF).pk != first.pk
        assert Run.objects.count() == 3
        with pytest.raises(ValueError, match="no county"):
            runs.ask("350824999999", AS_OF)
    with use(scope_of(NEIGHBOUR)):
        assert not Run.objects.exists()
        with pytest.raises(PermissionError):
            runs.ask(COUNTY, AS_OF)


@pytest.mark.usefixtures("db")
def test_what_is_rolled_back_was_never_asked(county):
    before = ProcrastinateJob.objects.count()
    with use(county), transaction.atomic():
        runs.ask(COUNTY, AS_OF)
        transaction.set_rollback(True)
    assert ProcrastinateJob.objects.count() == before
    with use(county):
        assert not Run.objects.exists()


@pytest.mark.usefixtures("db")
def test_what_cannot_be_done_is_said_and_changes_nothing(tmp_path, county):
    (tmp_path / "空").mkdir()
    with use(county):
        run = runs.ask(COUNTY, AS_OF, folder=tmp_path / "空")
    failed = doing.do(run.pk, COUNTY)
    assert failed.state == Run.State.FAILED and "没有可读的文件" in failed.error
    assert doing.do(run.pk, COUNTY) is None
    with use(county):
        assert not Person.objects.exists() and not StateFile.objects.exists()
    assert not list(scratch.folder().iterdir())


@pytest.mark.usefixtures("db")
def test_only_the_last_attempt_may_load(tmp_path, county):
    with use(county):
        run = runs.ask(COUNTY, AS_OF, folder=tmp_path)
        Run.objects.filter(pk=run.pk).update(attempts=2, state=Run.State.RUNNING)
        run.attempts = 1
    with pytest.raises(runs.Overtaken):
        runs.load(run, tmp_path)
    with pytest.raises(runs.Overtaken):
        doing._note(run, stage="x")


@pytest.mark.usefixtures("db")
def test_a_worker_that_is_to_end_leaves_the_run_to_the_next(tmp_path, county):
    with use(county):
        run = runs.ask(COUNTY, AS_OF, folder=delivery(tmp_path / "一", 0, 30))
    with pytest.raises(running.Stopped):
        doing.do(run.pk, COUNTY, lambda: True)
    with use(county):
        run = Run.objects.get(pk=run.pk)
        assert (run.state, run.attempts, run.error) == (Run.State.WAITING, 1, "")
        assert not Person.objects.exists()


def test_an_accepted_list_whose_reader_was_killed_does_not_leave_the_registry():
    run = Run(pk=1, inputs={"lists": {"甲.csv": {}}})
    read, cut = (
        {"inputs": [{"name": "甲.csv", "sources": [{"name": "甲.csv"} | said]}]}
        for said in ({}, {"refused": "FILE_CRASHED"})
    )
    doing._all_read(run, read)
    with pytest.raises(again.PASSING, match="not read") as died:
        doing._all_read(run, cut)
    assert again.again.get_retry_exception(
        died.value, Job(id=1, lock=None, queueing_lock=None, task_name="x", queue="x")
    )
    doing._all_read(Run(pk=2, inputs={"folder": "of files nobody accepted"}), cut)


@pytest.mark.slow
@pytest.mark.usefixtures("db")
def test_what_an_attempt_has_read_the_next_one_need_not_read(tmp_path, county):
    def stop_after_reading() -> bool:
        with use(county):
            return results.is_kept(Run.objects.get(pk=run.pk), results.STORE)

    with use(county):
        run = runs.ask(COUNTY, AS_OF, folder=delivery(tmp_path / "一", 0, 60))
    with pytest.raises(running.Stopped):
        doing.do(run.pk, COUNTY, stop_after_reading)
    with use(county):
        kept = Run.objects.get(pk=run.pk).kept
    assert set(kept) == {results.STORE}
    done = doing.do(run.pk, COUNTY)
    assert (done.state, done.error, done.attempts) == (Run.State.DONE, "", 2)
    assert done.counts["run"]["counts"]["files_read"] == 0
    assert done.counts["run"]["counts"]["files_unchanged"] == 1
    assert set(done.kept) == {results.WHY, results.ROWS, results.STORE} and done.kept != done.kept | kept


@pytest.mark.usefixtures("db")
def test_what_kills_its_worker_again_and_again_is_given_up(tmp_path, county):
    with use(county):
        run = runs.ask(COUNTY, AS_OF, folder=tmp_path)
        Run.objects.filter(pk=run.pk).update(attempts=doing.MOST_ATTEMPTS, state=Run.State.RUNNING)
    assert doing.do(run.pk, COUNTY) is None
    with use(county):
        run = Run.objects.get(pk=run.pk)
    assert run.state == Run.State.FAILED and run.error


@pytest.mark.usefixtures("db")
def test_a_run_without_a_job_is_queued_again(county):
    with use(county):
        run = runs.ask(COUNTY, AS_OF)
        Run.objects.filter(pk=run.pk).update(asked_at="2023-01-01T00:00:00Z")
    assert tasks.queue_forgotten() == 0
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE args->>'number' = %s", [str(run.pk)])
    assert tasks.queue_forgotten() == 1
    assert jobs(run) == ["todo"]


@pytest.mark.parametrize(
    ("inputs", "asked"), [({"lists": {}}, 1), ({"folder": "elsewhere"}, 0), ({"out": "OUT"}, 0)]
)
@pytest.mark.usefixtures("db")
def test_a_county_whose_results_are_gone_from_the_disk_is_run_again(county, inputs, asked):
    with use(county):
        Run.objects.create(
            place=county.reach.low, as_of=AS_OF, state=Run.State.DONE, attempts=1, inputs=inputs
        )
    assert tasks.ask_where_results_are_gone() == asked
    assert tasks.ask_where_results_are_gone() == 0  # it waits already, or cannot be done again
    with use(county):
        assert Run.objects.filter(state=Run.State.WAITING, as_of=AS_OF).count() == asked


# --- state -----------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("db")
def test_state_goes_out_and_comes_back(tmp_path, county, scope_of, monkeypatch):
    with use(county):
        assert state.put(COUNTY, "quotas.csv", b"a\n") and not state.put(COUNTY, "quotas.csv", b"a\n")
        state.put(COUNTY, "rules/own.yaml", b"x")
        state.put(COUNTY, "keys/甲", b"secret")
        monkeypatch.setitem(state._writers, "decisions.csv", lambda of: f"for {of}".encode())
        folder = tmp_path / "state"
        folder.mkdir()
        before = state.write(COUNTY, folder)
        files = {
            p.relative_to(tmp_path).as_posix(): p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()
        }
        assert files == {
            "state/quotas.csv": b"a\n",
            "state/rules/own.yaml": b"x",
            "state/decisions.csv": f"for {COUNTY}".encode(),
            "keys/甲": b"secret",
        }
        assert {oct(p.stat().st_mode)[-3:] for p in tmp_path.rglob("*") if p.is_file()} == {"600"}
        assert list(state.keys(folder)) == ["甲"]

        # the run changes one, removes one, makes one; meanwhile somebody puts another version of what it left alone
        (folder / "rules/own.yaml").unlink()
        (folder / "numbers.parquet").write_bytes(b"n")
        (folder / "readings").mkdir()
        (folder / "readings/x").write_bytes(b"not kept")
        state.put(COUNTY, "quotas.csv", b"b\n")
        assert state.collect(COUNTY, folder, before) == {"state.put": 1, "state.removed": 1}
        assert state.read(COUNTY, "quotas.csv") == b"b\n"
        assert set(StateFile.objects.values_list("name", flat=True)) == {
            "quotas.csv",
            "keys/甲",
            "numbers.parquet",
        }
        assert not any(b"secret" in bytes(f.content) for f in StateFile.objects.all())
    with use(scope_of(NEIGHBOUR)):
        assert state.read(COUNTY, "quotas.csv") is None
        with pytest.raises(PermissionError):
            state.put(COUNTY, "quotas.csv", b"")


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/../../b", "", "a//b", "a/./b", "a\0b"])
@pytest.mark.usefixtures("db")
def test_a_state_file_lies_in_its_folder(name, county):
    with use(county), pytest.raises(ValueError, match="no path"):
        state.put(COUNTY, name, b"")


# --- kill ------------------------------------------------------------------------------------------------------------

KILLED = "350703"
"""A county of its own: what is committed here is removed again."""


@pytest.fixture
def killed_county():
    yield KILLED
    low, high = runs.scope_for(KILLED).reach
    with superuser() as connection:
        connection.execute("SELECT set_config('app.actor', 'test', false)")
        for model in scoped_models():
            place = sql.Identifier(model.write_place)
            connection.execute(
                sql.SQL("DELETE FROM {} WHERE {} >= {} AND {} < {}").format(
                    sql.Identifier(model._meta.db_table), place, low, place, high
                )
            )


def superuser() -> psycopg.Connection:
    """A connection that no wall stops."""
    address = postgres.superuser(environment.load_secrets())
    return psycopg.connect(psycopg.conninfo.make_conninfo(address, dbname=environment.DATABASE))


@pytest.fixture
def worker(tmp_path):
    """worker() → another worker of the platform, ended when the test is."""
    started: list[Worker] = []

    def start() -> Worker:
        started.append(Worker(tmp_path / f"{len(started)}.log"))
        return started[-1]

    yield start
    for one in started:
        one.stop()


class Worker:
    """The platform's worker in a process of its own."""

    def __init__(self, log: Path) -> None:
        self.path, self.log = log, log.open("w")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "chunfeng", "manage", "procrastinate", "worker"],
            env=os.environ | {"PYTHONPATH": str(Path("src").absolute())},
            stdout=self.log,
            stderr=self.log,
        )

    def children(self) -> list[int]:
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                pid, parent = int(stat.parent.name), int(stat.read_text().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue
            if parent == self.process.pid:
                found.append(pid)
        return found

    def kill(self) -> None:
        """As a power cut would; what it started must end by itself."""
        left = self.children()
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        wait_for(lambda: not any(map(alive, left)), 60)

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.log.close()


def alive(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def wait_for(true, seconds: float):
    for _ in range(int(seconds * 10)):
        if found := true():
            return found
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds} s")


_BLOCKED = "SELECT 1 FROM pg_locks WHERE relation = 'registry_claim'::regclass AND NOT granted"


def as_if_long_ago() -> None:
    """The killed worker's last sign of life lies back an hour: nobody wants to wait for it here."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")


@pytest.mark.slow
def test_a_killed_worker_loses_nothing(tmp_path, worker, killed_county):
    def run_is(*states: str, stage: bool = False) -> Run | None:
        with use(runs.scope_for(KILLED)):
            found = Run.objects.get(pk=run.pk)
        assert found.state in (*states, *runs.OPEN), found.error
        return found if found.state in states and (found.stage or not stage) else None

    with use(runs.scope_for(KILLED)):
        run = runs.ask(KILLED, AS_OF, folder=delivery(tmp_path / "in", 0, 45))

    first = worker()
    wait_for(lambda: run_is(Run.State.RUNNING, stage=True), 180)
    first.kill()
    as_if_long_ago()
    assert run_is(Run.State.RUNNING).attempts == 1

    # the second is killed within the transaction that loads: a table it writes to is held meanwhile
    with superuser() as held:
        held.execute("LOCK TABLE registry_claim IN EXCLUSIVE MODE")
        second = worker()
        wait_for(lambda: run_is(Run.State.LOADING), 180)
        wait_for(lambda: held.execute(_BLOCKED).fetchone(), 60)
        second.kill()
    as_if_long_ago()
    with use(runs.scope_for(KILLED)):
        assert not Person.objects.filter(county=KILLED).exists(), "half a load is none"
        assert not StateFile.objects.exists()

    left_open = [p for p in scratch.folder().rglob("*") if p.is_file()]
    assert left_open, "two were killed at their work"
    third = worker()
    done = wait_for(lambda: run_is(Run.State.DONE, Run.State.FAILED), 180)
    assert (done.state, done.error, done.attempts) == (Run.State.DONE, "", 3), third.path.read_text()
    with use(runs.scope_for(KILLED)):
        assert (
            Person.objects.filter(county=KILLED).count() == Claim.objects.filter(county=KILLED).count() == 45
        )
        assert Event.objects.filter(action="load", key=str(run.pk)).count() == 1
    # what the killed ones left open is gone at once, the last one's when it has closed its own
    wait_for(lambda: scratch.sweep() >= 0 and not list(scratch.folder().iterdir()), 30)
    with results.opened(done, results.ROWS) as rows:
        assert pl.read_parquet(rows / "extracts").height == 45
