"""A list of 100,000 rows handed in through the browser's door until it is accepted, and a clerk's pages meanwhile

A real `serve` and a real `work` on a platform of their own; the file goes in by HTTP as the form sends it, the page with the
progress bar is asked until all is read, then the list is accepted (by a second person where the brake holds it). Another
clerk reads pages all the while. The peer is file mode: the same file read by the same engine in a process of its own, without
a platform around it. CPU and memory are of each service with all its processes.
"""

from __future__ import annotations

import argparse
import http.client
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench._platform_case import AS_OF, COUNTY, platform, sample_out
from bench._platform_services import cpu, postgres, processes, running, session
from bench._processes import measure
from bench.intake import OURS, make

GOAL_SECONDS, GOAL_PAGE = 60.0, 500.0
"""Issue's goals: from upload to accepted; p95 of a page meanwhile, in milliseconds."""
PAGES = ("/", "/intake/deliveries/", "/intake/runs/", "/registry/", "/registry/?q=%E9%99%88")
_TOKEN = "c" * 32
"""Of forms: any will do, as long as cookie and header agree."""
_PATIENCE = 600.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--forms", nargs="+", choices=("xlsx", "csv", "xls"), default=("xlsx", "csv"))
    parser.add_argument("--port", type=int, default=8932)
    parser.add_argument(
        "--sample", type=Path, help="folder for `out` of the sample county; loaded first, so lists have rows"
    )
    options = parser.parse_args()
    if len(options.forms) > 1:  # a process of Django stays with its first database
        again = [sys.executable, __file__, *sys.argv[1:], "--forms"]
        return max([subprocess.run([*again, form]).returncode for form in options.forms])
    with tempfile.TemporaryDirectory(prefix="cf-bench-files-") as folder:
        path = make(Path(folder), options.forms[0], options.rows)
        return 0 if _measured(path, options) else 1


def _measured(path: Path, options: argparse.Namespace) -> bool:
    """Print what one file costs; whether the goals are met."""
    with tempfile.TemporaryDirectory(prefix="cf-bench-store-") as store:
        alone = measure(OURS, str(path), f"{store}/store")
    with platform() as data:
        if options.sample:
            from chunfeng.apps.intake import runs

            runs.bring_in(COUNTY, sample_out(options.sample), AS_OF)
        with (
            running(data, "serve", "--port", str(options.port), "--workers", "2") as web,
            running(data, "work") as worker,
        ):
            services = [Service("web", web), Service("worker", worker), Service("database", postgres())]
            found = _hand_in(path, options.port, services)
    size = path.stat().st_size / 1e6
    print(f"\n{path.suffix[1:]}: {options.rows:,} rows, {size:.1f} MB")
    print(
        f"  uploaded after {found.uploaded:.1f} s, read after {found.read:.1f} s, accepted after {found.accepted:.1f} s:"
        f" goal {GOAL_SECONDS:g} s {_met(found.accepted < GOAL_SECONDS)}"
    )
    print(
        f"  file mode reads it in {alone.wall:.1f} s ({alone.cpu:.1f} s CPU, {alone.peak_mb:,.0f} MB):"
        f" the platform takes {found.accepted / alone.wall:.1f} times as long"
    )
    for each in services:
        print(
            f"  {each.name:10} {each.spent:6.1f} s CPU, peak {each.peak / 1e6:6,.0f} MB (idle {each.idle / 1e6:,.0f} MB)"
        )
    p50, p95 = _quantile(found.pages, 50), _quantile(found.pages, 95)
    print(
        f"  {len(found.pages)} pages of another clerk meanwhile: p50 {p50:.0f} ms, p95 {p95:.0f} ms,"
        f" slowest {max(found.pages):.0f} ms, errors {found.errors}: goal p95 {GOAL_PAGE:g} ms {_met(p95 < GOAL_PAGE)}",
        flush=True,
    )
    return found.accepted < GOAL_SECONDS and p95 < GOAL_PAGE and not found.errors


def _met(good: bool) -> str:
    return "met" if good else "NOT met"


def _quantile(times: list[float], percent: int) -> float:
    return statistics.quantiles(times, n=100, method="inclusive")[percent - 1] if len(times) > 1 else times[0]


# --- the way of the file ---------------------------------------------------------------------------------------------


@dataclass
class Found:
    """Seconds since the upload began; milliseconds a page took."""

    uploaded: float = 0.0
    read: float = 0.0
    accepted: float = 0.0
    pages: list[float] = field(default_factory=list)
    errors: int = 0


def _hand_in(path: Path, port: int, services: list[Service]) -> Found:
    clerk, reader, approver = (Clerk(port, name, role) for name, role in (
        ("bench-clerk", "county_clerk"), ("bench-reader", "county_clerk"), ("bench-approver", "county_approver"),
    ))  # fmt: skip
    for page in PAGES * 2:  # whoever is first after a start waits for what is loaded then
        reader.get(page)
    found, over = Found(), threading.Event()
    watchers = [
        threading.Thread(target=_read_pages, args=(reader, found, over)),
        threading.Thread(target=_watch, args=(services, over)),
    ]
    for each in services:
        each.begin()
    for watcher in watchers:
        watcher.start()
    try:
        started = time.perf_counter()
        where = clerk.post("/intake/send/", {"as_of": AS_OF.isoformat()}, path)
        found.uploaded = time.perf_counter() - started
        _until(lambda: "HX-Refresh" in clerk.get(f"{where}progress/", {"HX-Request": "true"}).headers)
        found.read = time.perf_counter() - started
        clerk.post(f"{where}accept/", {})
        _release(approver)
        found.accepted = time.perf_counter() - started
    finally:
        over.set()
        for watcher in watchers:
            watcher.join()
        for each in services:
            each.end()
    _look(path)
    return found


def _release(approver: Clerk) -> None:
    """What the brake held is looked at by a second person."""
    from chunfeng.apps.intake.models import Extract
    from chunfeng.apps.intake.runs import scope_for
    from chunfeng.apps.places.scope import use

    with use(scope_for(COUNTY)):
        held = list(Extract.objects.filter(state=Extract.State.HELD).values_list("pk", flat=True))
    for key in held:
        approver.post(f"/intake/lists/{key}/release/", {"reason": "压测：已核对"})


def _look(path: Path) -> None:
    """SystemExit unless the list is accepted, with every row."""
    from chunfeng.apps.intake.models import Extract
    from chunfeng.apps.intake.runs import scope_for
    from chunfeng.apps.places.scope import use

    with use(scope_for(COUNTY)):
        taken = list(Extract.objects.filter(file__name=path.name).values_list("state", "records"))
    if [state for state, _records in taken] != [Extract.State.ACCEPTED]:
        raise SystemExit(f"{path.name} was not accepted: {taken}")


def _until(done: Any) -> None:
    end = time.monotonic() + _PATIENCE
    while not done():
        if time.monotonic() > end:
            raise SystemExit("the file was never read")
        time.sleep(0.5)


def _read_pages(reader: Clerk, found: Found, over: threading.Event) -> None:
    while not over.is_set():
        for page in PAGES:
            before = time.perf_counter()
            try:
                answer = reader.get(page)
                found.errors += answer.status != 200
            except OSError:
                found.errors += 1
            found.pages.append(1e3 * (time.perf_counter() - before))
            if over.wait(0.2):
                return


# --- who asks --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Any


class Clerk:
    """Somebody of the county who has signed in, on a connection of their own."""

    def __init__(self, port: int, username: str, role: str) -> None:
        self._port = port
        self._cookie = f"sessionid={_session(username, role)}; csrftoken={_TOKEN}"

    def get(self, page: str, headers: dict[str, str] | None = None) -> Answer:
        return self._ask("GET", page, None, headers or {})

    def post(self, page: str, fields: dict[str, str], file: Path | None = None) -> str:
        """Send a form; where it leads to. SystemExit when it is not taken."""
        mark = uuid.uuid4().hex
        parts = [
            f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in fields.items()
        ]
        if file is not None:
            head = f'--{mark}\r\nContent-Disposition: form-data; name="files"; filename="{file.name}"\r\n\r\n'
            parts += [head.encode(), file.read_bytes(), b"\r\n"]
        parts.append(f"--{mark}--\r\n".encode())
        headers = {"Content-Type": f"multipart/form-data; boundary={mark}", "X-CSRFToken": _TOKEN}
        answer = self._ask("POST", page, b"".join(parts), headers)
        if answer.status != 302:
            raise SystemExit(f"{page}: {answer.status}")
        return str(answer.headers["Location"])

    def _ask(self, method: str, page: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        try:
            connection.request(method, page, body, {"Cookie": self._cookie} | headers)
            response = connection.getresponse()
            response.read()
            return Answer(response.status, response.headers)
        finally:
            connection.close()


def _session(username: str, role: str) -> str:
    from chunfeng.apps.accounts.models import Membership, User

    user, _ = User.objects.get_or_create(username=username, defaults={"name": "压测", "password": "!"})
    Membership.objects.get_or_create(
        user=user, role_id=role, region_id=COUNTY, defaults={"valid_from": AS_OF}
    )
    return session(username)


# --- the services ----------------------------------------------------------------------------------------------------


@dataclass
class Service:
    """A service by its first process: CPU seconds spent and bytes held, with all its processes."""

    name: str
    pid: int
    spent: float = 0.0
    idle: int = 0
    peak: int = 0
    _before: float = 0.0

    def begin(self) -> None:
        self._before, self.idle = cpu(self.pid), self.held()

    def end(self) -> None:
        self.spent = cpu(self.pid) - self._before

    def look(self) -> None:
        self.peak = max(self.peak, self.held())

    def held(self) -> int:
        """Memory of its own of every process, and what they share once."""
        own, shared = 0, 0
        for process in processes(self.pid):
            info = process.memory_info()
            own += info.rss - info.shared
            shared = max(shared, info.shared)
        return own + shared


def _watch(services: list[Service], over: threading.Event) -> None:
    import psutil

    while not over.wait(0.1):
        for each in services:
            try:
                each.look()
            except psutil.NoSuchProcess:  # one of its processes ended between two looks
                continue


if __name__ == "__main__":
    raise SystemExit(main())
