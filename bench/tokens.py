"""Keyed tokens: HMAC-SM3 of a column of numbers, against hashlib/OpenSSL, cryptography and gmssl

Every contender runs alone in a process of its own on the same column, warm, best of several runs, and gives the same
thing: a text of 64 hexadecimal digits a row. Equal digits are asserted for every contender before it is measured.
A peer that this installation does not have is named as left out, with the reason.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

ROWS, SLOW_ROWS, SEED = 2_000_000, 4_000, 20230115
KEY = b"a key that is only for the bench"
GOAL = 5.0
"""Issue's goal: so many times hashlib/OpenSSL."""


class Missing(Exception):
    """The contender is not in this installation; the message says why."""


# --- contenders: load(messages) → a function that makes the tokens of all of them once ---------------------------------


def ours(messages: list[str], threads: int) -> Callable[[], Any]:
    """The compiled pass, from a polars column to a polars column."""
    import polars as pl

    from chunfeng.engines.disclosure import hmac_sm3

    column = pl.Series(messages)
    return lambda: hmac_sm3.token(column, KEY, threads)


def hashlib_openssl(messages: list[str]) -> Callable[[], Any]:
    """The quickest way the standard library has: one call a message."""
    import hmac

    try:
        hmac.digest(KEY, b"", "sm3")
    except ValueError as error:
        raise Missing(f"hashlib has no SM3 here ({error})") from error
    return lambda: [hmac.digest(KEY, message.encode(), "sm3").hex() for message in messages]


def hashlib_copied(messages: list[str]) -> Callable[[], Any]:
    """The key taken in once, its two states copied for each message: as well as we can with hashlib."""
    import hashlib

    try:
        inner, outer = hashlib.new("sm3"), hashlib.new("sm3")
    except ValueError as error:
        raise Missing(f"hashlib has no SM3 here ({error})") from error
    block = KEY.ljust(64, b"\0")
    inner.update(bytes(k ^ 0x36 for k in block))
    outer.update(bytes(k ^ 0x5C for k in block))

    def work() -> list[str]:
        found = []
        for message in messages:
            one, two = inner.copy(), outer.copy()
            one.update(message.encode())
            two.update(one.digest())
            found.append(two.hexdigest())
        return found

    return work


def with_cryptography(messages: list[str]) -> Callable[[], Any]:
    """Our own way without compiled code."""
    import polars as pl

    from chunfeng.engines.disclosure import hmac_sm3

    column = pl.Series(messages)
    return lambda: hmac_sm3.plain_token(column, KEY)


def with_gmssl(messages: list[str]) -> Callable[[], Any]:
    """Pure Python; it has SM3 only, so HMAC is put around it."""
    try:
        from gmssl import sm3
    except ImportError as error:
        raise Missing(f"gmssl is not installed ({error}); it is no dependency of ours") from error
    block = KEY.ljust(64, b"\0")
    inner, outer = [k ^ 0x36 for k in block], [k ^ 0x5C for k in block]

    def token(message: str) -> str:
        digest = bytes.fromhex(sm3.sm3_hash(inner + list(message.encode())))
        return str(sm3.sm3_hash(outer + list(digest)))

    return lambda: [token(message) for message in messages]


CONTENDERS: dict[str, tuple[str, Callable[..., Callable[[], Any]], dict[str, int], int]] = {
    "ours2": ("ours, 2 threads", ours, {"threads": 2}, ROWS),
    "ours1": ("ours, 1 thread", ours, {"threads": 1}, ROWS),
    "hashlib": ("hashlib/OpenSSL, hmac.digest", hashlib_openssl, {}, ROWS // 4),
    "copied": ("hashlib/OpenSSL, states copied", hashlib_copied, {}, ROWS // 4),
    "cryptography": ("cryptography, context copied", with_cryptography, {}, ROWS // 4),
    "gmssl": ("gmssl (pure Python)", with_gmssl, {}, SLOW_ROWS),
}


# --- one contender in a process of its own ----------------------------------------------------------------------------


def messages_of(rows: int) -> list[str]:
    """Messages as tokens are made of: a purpose and 17 digits, all invented."""
    rng = random.Random(SEED)
    return [f"id17|{rng.randrange(11 * 10**15, 66 * 10**15)}" for _ in range(rows)]


def measure(name: str, rows: int, repeat: int) -> dict[str, Any]:
    """Seconds of the quickest run, CPU seconds of that run, peak memory above what the column itself takes."""
    from tests.engines.disclosure.sm3_by_the_standard import hmac_sm3 as by_the_standard

    _, load, settings, _ = CONTENDERS[name]
    messages = messages_of(rows)
    expected = [by_the_standard(KEY, message.encode()).hex() for message in messages[:200]]
    try:
        assert list(load(messages[:200], **settings)()) == expected, f"{name}: other bytes"
        work = load(messages, **settings)
    except Missing as reason:
        return {"missing": str(reason)}
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    runs = []
    for _ in range(repeat):
        started, cpu = time.perf_counter(), time.process_time()
        found = work()
        runs.append((time.perf_counter() - started, time.process_time() - cpu))
        assert list(found[:200]) == expected and len(found) == rows
        del found
    wall, cpu_seconds = min(runs)
    peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    return {"rows": rows, "wall": wall, "cpu": cpu_seconds, "peak_mb": peak}


def in_own_process(name: str, rows: int, repeat: int) -> dict[str, Any]:
    run = subprocess.run(
        [sys.executable, __file__, "--one", name, "--rows", str(rows), "--repeat", str(repeat)],
        capture_output=True, encoding="utf-8", env=os.environ | {"PYTHONPATH": ":".join(["src", ".", *filter(None, [os.environ.get("PYTHONPATH")])])},
    )  # fmt: skip
    if run.returncode:
        raise SystemExit(f"{name} failed:\n{run.stderr}")
    return dict(json.loads(run.stdout.splitlines()[-1]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--rows", type=int, help="rows of every contender; by default fewer for the slow ones"
    )
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--one", choices=CONTENDERS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(options.one, options.rows, options.repeat)))
        return
    print(
        f"{'':34}{'rows':>10}{'s':>9}{'CPU s':>9}{'rows/s':>13}{'rows/CPU s':>13}{'MB/M rows':>11}{'× hashlib':>11}"
    )
    results = {}
    for name, (_, _, _, rows) in CONTENDERS.items():
        results[name] = in_own_process(name, options.rows or rows, options.repeat)
    peer = results["hashlib"]
    for name, (label, *_) in CONTENDERS.items():
        r = results[name]
        if "missing" in r:
            print(f"{label:34}  left out: {r['missing']}")
            continue
        speed = r["rows"] / r["wall"]
        ratio = f"{speed * peer['wall'] / peer['rows']:10.3g}×" if "wall" in peer else f"{'-':>11}"
        print(
            f"{label:34}{r['rows']:>10,}{r['wall']:>9.3f}{r['cpu']:>9.3f}{speed:>13,.0f}"
            f"{r['rows'] / max(r['cpu'], 1e-9):>13,.0f}{r['peak_mb'] / r['rows'] * 1e6:>11,.0f}{ratio}"
        )
    print(
        "\nequal bytes: every contender against the standard written down in tests/ (200 messages, before and after)"
    )
    if "wall" in peer:
        reached = results["ours2"]["rows"] / results["ours2"]["wall"] * peer["wall"] / peer["rows"]
        print(
            f"goal: ≥ {GOAL:g} × hashlib/OpenSSL; reached {reached:.1f} × ({'met' if reached >= GOAL else 'MISSED'})"
        )
        if reached < GOAL:
            raise SystemExit(1)


if __name__ == "__main__":
    main()
