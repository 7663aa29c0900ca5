"""Fifty clerks in the browser at once: search, person page and lists, by locust; and what row-level security costs

The sample county is loaded over and over until there are so many persons, all in one county, which is harder than the same
number in many. Each user clicks every two seconds or so, busier than people are. The load generator runs on the same machine, so
CPU seconds of the web server, the database and the generator are printed apart.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import quote

import polars as pl

from bench._platform_case import AS_OF, COUNTY, ROOT, platform, sample_out, scaled
from bench._platform_services import cpu, postgres, running, session, signed_in
from chunfeng.site.serving import gather_static

GOALS = {"search": 150, "search by id": 150, "person": 200, "worklist": 300}
"""Issue's goals: p95 in milliseconds."""
GATES = {"p95": 500, "p99": 1000, "errors": 0.001}
RLS_GOAL = 1.2
_ROUNDS, _TIMES = 4, 100
_FILTERS = (
    "", "doubts=on", "finding=any", "yes=any", "unknown=any", "no_id=on", "yes=any&sex=2",
    "place=350825100", "place=350825101&yes=any", "place=350825102&unknown=any",
)  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=int, default=200_000)
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument(
        "--pace", type=float, default=2.0, help="seconds from one click of a user to the next"
    )
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--port", type=int, default=8931)
    parser.add_argument(
        "--sample", type=Path, help="folder with `out` of the sample county; made when missing"
    )
    parser.add_argument(
        "--data",
        type=Path,
        help="data folder to keep, and to use again without loading when persons are in it",
    )
    options = parser.parse_args()
    with platform(options.data) as data:
        held = _held()
        if held:
            options.persons = held
        else:
            _make(options)
        gather_static()
        told = _cases(options)
        ratio = _rls()
        passed = _drive(options, told, data)
        print(f"row-level security: {ratio:.2f} times the same query without (goal {RLS_GOAL})", flush=True)
    return 0 if passed else 1


def _held() -> int:
    """Persons the county has already."""
    from chunfeng.apps.intake.runs import scope_for
    from chunfeng.apps.places.scope import use
    from chunfeng.apps.registry.models import Person

    with use(scope_for(COUNTY)):
        return Person.objects.count()


def _make(options: argparse.Namespace) -> None:
    """The sample's persons over and over, loaded as a run's results are."""
    with tempfile.TemporaryDirectory(prefix="cf-bench-out-") as kept:
        base = sample_out(options.sample or Path(kept) / "sample")
        sample = pl.scan_parquet(base / "persons.parquet").select(pl.len()).collect().item()
        options.persons = (
            max(1, round(options.persons / sample)) * sample
        )  # whole copies: no row names nobody
        _load(scaled(base, Path(kept) / "large", options.persons))


def _load(out: Path) -> None:
    from chunfeng.apps.intake import runs

    started = time.perf_counter()
    run = runs.bring_in(COUNTY, out, AS_OF)
    counts = run.counts["loaded"]
    rows = sum(v for each in counts.values() for k, v in each.items() if k.endswith("inserted"))
    print(f"loaded {rows:,} rows in {time.perf_counter() - started:,.0f} s", flush=True)
    _as_superuser("VACUUM ANALYZE")


def _as_superuser(statement: str) -> None:
    import psycopg

    from chunfeng.site import clients, environment

    with psycopg.connect(clients.reading(environment.load_secrets()), autocommit=True) as connection:
        connection.execute(statement)


def _cases(options: argparse.Namespace) -> dict[str, Any]:
    """Users who can sign in, and what they look for: names as they occur, common and rare, whole and in part."""
    from chunfeng.apps.accounts.models import Membership, User
    from chunfeng.apps.intake.runs import scope_for
    from chunfeng.apps.places.scope import use
    from chunfeng.apps.registry.models import Person

    names = [f"bench{n:03d}" for n in range(options.users)]
    User.objects.bulk_create(
        (User(username=name, password="!", name="压测") for name in names), ignore_conflicts=True
    )
    Membership.objects.bulk_create(
        Membership(user=user, role_id="county_clerk", region_id=COUNTY, valid_from=AS_OF)
        for user in User.objects.filter(username__in=names, memberships__isnull=True)
    )
    chosen = random.Random(1)
    with use(scope_for(COUNTY)):
        last = Person.objects.order_by("-key").values_list("key", flat=True)[0]
        wanted = [chosen.randrange(COUNTY_KEY, last) for _ in range(2_000)]
        people = list(Person.objects.filter(key__in=wanted).only("key", "name", "pinyin", "initials", "id18"))
        ids = [(p.id18, p.key) for p in people if p.id18][:300]
    terms = (
        [p.name for p in people[:200]]
        + [p.name[:2] for p in people[200:300]]
        + [p.name[0] for p in people[300:350]]
    )
    terms += [p.pinyin.replace(" ", "") for p in people[350:450]] + [p.initials for p in people[450:550]]
    terms += [p.name[1:] for p in people[550:650]]
    return {
        "sessions": [session(name) for name in names], "pace": options.pace, "terms": [quote(t) for t in terms if t],
        "ids": ids, "persons": [p.key for p in people], "filters": _FILTERS,
    }  # fmt: skip


COUNTY_KEY = int(COUNTY) * 10**9


def _drive(options: argparse.Namespace, told: dict[str, Any], data: Path) -> bool:
    address = f"http://127.0.0.1:{options.port}"
    with (
        running(
            data, "serve", "--port", str(options.port),
            "--workers", str(options.processes), "--threads", str(options.threads),
        ) as web,
        tempfile.TemporaryDirectory(prefix="cf-bench-locust-") as folder,
    ):  # fmt: skip
        case, result = Path(folder) / "case.json", Path(folder) / "result.json"
        case.write_text(json.dumps(told), encoding="utf-8")
        command = [
            sys.executable, "-m", "locust", "-f", str(ROOT / "bench/_locustfile.py"), "--headless", "--only-summary",
            "-u", str(options.users), "-r", "10", "-t", f"{options.seconds}s", "--host", address, "--loglevel", "ERROR",
            "--reset-stats",
        ]  # fmt: skip
        before = cpu(web), cpu(postgres()), _of_children()
        done = subprocess.run(
            command,
            env=os.environ | {"CF_BENCH": str(case), "CF_BENCH_OUT": str(result)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        after = cpu(web), cpu(postgres()), _of_children()
        if not result.exists():
            raise SystemExit(done.stderr[-3000:])
        found = json.loads(result.read_text(encoding="utf-8"))
    spent = [b - a for a, b in zip(before, after, strict=True)]
    passed = _report(found, options)
    print(
        f"CPU seconds: web {spent[0]:.1f}, database {spent[1]:.1f}, load generator {spent[2]:.1f}; "
        f"load of the machine now {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores",
        flush=True,
    )
    return passed


def _report(found: dict[str, Any], options: argparse.Namespace) -> bool:
    """Print every kind of page; whether goals and gates are met."""
    passed, requests, failures = (
        all(f"{page} GET" in found["stats"] for page in ("search", "person", "worklist")),
        0,
        0,
    )
    print(f"{options.users} users, a click every {options.pace:g} s, {options.persons:,} persons", flush=True)
    print(f"{'page':22}{'requests':>10}{'errors':>8}{'p50':>8}{'p95':>8}{'p99':>8}  ms")
    everything: Counter[int] = Counter()
    for name, entry in sorted(found["stats"].items()):
        times = Counter({int(k): v for k, v in entry["times"].items()})
        page, requests, failures = (
            name.rsplit(" ", 1)[0],
            requests + entry["requests"],
            failures + entry["failures"],
        )
        p50, p95, p99 = (_quantile(times, q) for q in (0.50, 0.95, 0.99))
        goal = GOALS.get(page)
        if goal is not None:
            everything += times
            passed &= p95 <= goal
        words = "" if goal is None else f"  goal p95 {goal}: {'met' if p95 <= goal else 'NOT met'}"
        print(f"{name:22}{entry['requests']:>10,}{entry['failures']:>8}{p50:>8}{p95:>8}{p99:>8}{words}")
    p95, p99, share = _quantile(everything, 0.95), _quantile(everything, 0.99), failures / max(requests, 1)
    gates = p95 < GATES["p95"] and p99 < GATES["p99"] and share < GATES["errors"]
    print(
        f"gates p95 < 500, p99 < 1000, errors < 0.1 %: {p95}, {p99}, {share:.2%}: {'met' if gates else 'NOT met'}"
    )
    for error in found["errors"][:10]:
        print(f"  {error}")
    return passed and gates


def _quantile(times: Counter[int], share: float) -> int:
    left = share * times.total()
    for value in sorted(times):
        left -= times[value]
        if left <= 0:
            return value
    return 0


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


# --- row-level security ------------------------------------------------------------------------------------------------


def _rls() -> float:
    """The lists' own queries as the web role in its scope against a superuser whom no policy binds: CPU seconds of the
    database's process that answers, since the wall of a shared machine says little."""
    import psutil
    import psycopg

    from chunfeng.apps.intake.runs import scope_for
    from chunfeng.apps.places.scope import settings_of
    from chunfeng.site import clients, environment

    secrets = environment.load_secrets()
    spent = [0.0, 0.0]
    with (
        psycopg.connect(environment.conninfo(environment.WEB_ROLE, secrets)) as bound,
        psycopg.connect(clients.reading(secrets)) as free,
    ):
        for name, value in settings_of(scope_for(COUNTY)).items():
            bound.execute("SELECT set_config(%s, %s, false)", [name, value])
        servers = [psutil.Process(connection.info.backend_pid) for connection in (bound, free)]
        for query in _FILTERS:
            one = [0.0, 0.0]
            for statement in _statements(query):
                for _ in range(_ROUNDS):
                    for side, connection in enumerate((bound, free)):
                        before = sum(servers[side].cpu_times()[:2])
                        for _ in range(_TIMES):
                            connection.execute(statement).fetchall()  # type: ignore[call-overload]
                        one[side] += sum(servers[side].cpu_times()[:2]) - before
            spent = [a + b for a, b in zip(spent, one, strict=True)]
            each = [1e3 * seconds / (_ROUNDS * _TIMES) for seconds in one]
            ratio = each[0] / each[1] if each[1] else float("nan")
            print(
                f"  {query or 'all':28} {each[0]:8.2f} ms bound, {each[1]:8.2f} ms free: {ratio:.2f}",
                flush=True,
            )
    return spent[0] / spent[1]


def _statements(query: str) -> list[str]:
    """What the list page of a filter asks of the registry, as the database gets it."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = signed_in("bench000")
    with CaptureQueriesContext(connection) as seen:
        answer = client.get(f"/registry/?{query}")
    assert answer.status_code == 200, answer.status_code
    return [q["sql"] for q in seen.captured_queries if 'FROM "registry_' in q["sql"]]


if __name__ == "__main__":
    raise SystemExit(main())
