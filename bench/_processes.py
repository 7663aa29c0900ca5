"""Run a piece of work in a process of its own and tell wall seconds, CPU seconds (children included) and peak memory."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process cost: seconds, CPU seconds, peak resident megabytes; `said` is the last line it printed."""

    wall: float
    cpu: float
    peak_mb: float
    said: str


def measure(code: str, *arguments: str, repeat: int = 1) -> Cost:
    """Run Python source in a fresh interpreter; the quickest of `repeat` runs. Memory is of the tree of processes."""
    return min((_once(code, arguments) for _ in range(repeat)), key=lambda c: c.wall)


def _once(code: str, arguments: tuple[str, ...]) -> Cost:
    environment = os.environ | {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, env=environment, cwd=ROOT
    )
    peak = [0.0]
    watcher = threading.Thread(target=_watch, args=(process.pid, peak), daemon=True)
    watcher.start()
    out, _ = process.communicate()
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode != 0:
        raise SystemExit(f"a measured process failed ({process.returncode})")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    lines = out.decode().strip().splitlines()
    return Cost(wall, cpu, peak[0], lines[-1] if lines else "")


def _watch(pid: int, peak: list[float]) -> None:
    import psutil

    try:
        process = psutil.Process(pid)
        while True:
            family = [process, *process.children(recursive=True)]
            total = 0
            for member in family:
                try:
                    total += member.memory_info().rss
                except psutil.Error:
                    continue
            peak[0] = max(peak[0], total / 1e6)
            time.sleep(0.01)
    except psutil.Error:
        return


def machine() -> str:
    """One line on the machine the figures are from."""
    versions = json.loads(
        subprocess.run(
            [sys.executable, "-c", "import json,polars,pandas;print(json.dumps([polars.__version__,pandas.__version__]))"],
            capture_output=True, check=True,
        ).stdout
    )  # fmt: skip
    return (
        f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, polars {versions[0]}, pandas {versions[1]}"
    )
