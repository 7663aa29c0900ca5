"""A task that crashes, hangs or eats memory is reported, and the others end well."""

import os
import time
from typing import Any

import pytest

from chunfeng.pipeline.workers import Crash, Pool


def work(task: Any) -> Any:
    what, value = task
    if what == "exit":
        os._exit(value)
    if what == "kill":
        os.kill(os.getpid(), 9)
    if what == "sleep":
        time.sleep(value)
    if what == "eat":
        held = bytearray(value)
        held[::4096] = b"x" * len(held[::4096])
        time.sleep(30)
    return what, value, os.getpid()


def run(tasks: list[Any], **settings: Any) -> dict[int, Any]:
    with Pool(work, count=2, **settings) as pool:
        return dict(pool.run(tasks))


def test_every_task_gets_its_own_result() -> None:
    results = run([("add", n) for n in range(12)])
    assert [results[n][:2] for n in range(12)] == [("add", n) for n in range(12)]
    assert len({results[n][2] for n in range(12)}) <= 2


def test_a_crash_takes_nothing_else_along() -> None:
    results = run([("add", 1), ("exit", 3), ("kill", 0), ("add", 2)])
    assert results[0][:2] == ("add", 1) and results[3][:2] == ("add", 2)
    assert results[1] == Crash("exit 3") and results[2] == Crash("exit -9")


def test_a_task_that_hangs_is_given_up() -> None:
    started = time.monotonic()
    results = run([("sleep", 60), ("add", 1), ("add", 2)], seconds=1.0)
    assert results[0] == Crash("1 s") and results[2][:2] == ("add", 2)
    assert time.monotonic() - started < 30


def test_a_task_that_eats_memory_is_given_up() -> None:
    results = run([("eat", 400 << 20), ("add", 1)], memory=300 << 20)
    assert results[0] == Crash("300 MB") and results[1][:2] == ("add", 1)


def test_a_worker_that_cannot_start_is_an_error_not_a_hang() -> None:
    with (
        pytest.raises((RuntimeError, AttributeError, OSError)),
        Pool(lambda x: x, count=1) as pool,
    ):  # not importable
        list(pool.run([1]))
