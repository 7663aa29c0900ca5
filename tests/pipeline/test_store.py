"""A reading is kept whole or not at all, and not for ever."""

import json
from datetime import date
from pathlib import Path

import pytest

from chunfeng.pipeline.store import KEEP_RUNS, RECEIPT, Store, fingerprint

TODAY = date(2023, 1, 15)
RECEIVED = {"files": ["x.parquet"], "valid": ["2023-01-10", "2023-12-31"]}


def add(store: Store, key: str) -> None:
    with store.adding(key) as folder:
        (folder / "x.parquet").write_bytes(b"x")
        (folder / RECEIPT).write_text(json.dumps(RECEIVED))


def test_a_finished_reading_is_found_again(tmp_path: Path) -> None:
    store = Store(tmp_path / "s")
    assert store.get("k", TODAY) is None
    add(store, "k")
    assert store.get("k", TODAY) == RECEIVED


def test_a_reading_that_broke_leaves_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path / "s")

    def broken() -> None:
        with store.adding("k") as folder:
            (folder / RECEIPT).write_text("{}")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken()
    assert list((tmp_path / "s").iterdir()) == []


def test_a_reading_with_a_file_missing_is_read_again(tmp_path: Path) -> None:
    store = Store(tmp_path / "s")
    add(store, "k")
    (store.path("k") / "x.parquet").unlink()
    assert store.get("k", TODAY) is None


def test_what_killed_runs_left_is_swept_and_unused_readings_go_after_some_runs(tmp_path: Path) -> None:
    store = Store(tmp_path / "s")
    add(store, "used")
    add(store, "old")
    (store.folder / "k.part-1").mkdir()
    for _ in range(KEEP_RUNS - 1):
        store.sweep({"used"})
    assert store.get("old", TODAY) is not None and not (store.folder / "k.part-1").exists()
    store.sweep({"used"})
    assert store.get("old", TODAY) is None and store.get("used", TODAY) is not None


def test_a_fingerprint_depends_on_every_part_and_on_no_order() -> None:
    assert fingerprint(a=1, b=2) == fingerprint(b=2, a=1)
    assert fingerprint(a=1, b=2) != fingerprint(a=1, b=3)


def test_a_reading_holds_for_the_dates_it_says(tmp_path: Path) -> None:
    store = Store(tmp_path / "s")
    add(store, "k")
    dates = (date(2023, 1, 9), date(2023, 1, 10), date(2023, 12, 31), date(2024, 1, 1))
    assert [store.get("k", day) is not None for day in dates] == [False, True, True, False]
