"""What linkage keeps from run to run spares work and changes nothing: with it and without, the same bytes come out."""

import shutil
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from chunfeng.engines.linkage.link import link as link_claims
from chunfeng.pipeline import kept
from tests.engines.linkage.town import claims, extract, townspeople
from tests.pipeline.county import REGISTER, lay, link, people, register
from tests.pipeline.test_registry_months import PUBLISHED

JANUARY, FEBRUARY = date(2023, 1, 15), date(2023, 2, 15)
WITHOUT = pl.lit("").alias("身份证号码")
LISTS = {
    "人社-登记失业人员名单": REGISTER.head(400),
    "村居-走访摸排表": pl.concat([REGISTER.slice(200, 300), people(160, 41)]).with_columns(WITHOUT),
    "民政-低保名单": REGISTER.tail(200),
}


def changed(table: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Rows gone, added, edited in one of their parts, and moved to other places, each by chance."""
    rng = np.random.default_rng(seed)
    draw = pl.Series("draw", rng.random(table.height))
    edits = [
        pl.when(draw.is_between(0.02 + 0.01 * n, 0.03 + 0.01 * n))
        .then(pl.lit(value))
        .otherwise(column)
        .alias(column)
        for n, (column, value) in enumerate(EDITS.items())
    ]
    edited = table.with_columns(edits).filter(draw >= 0.02)
    new = people(12, seed).select(table.columns)
    if (table["身份证号码"] == "").all():
        new = new.with_columns(WITHOUT)
    whole = pl.concat([edited, new])
    return whole[rng.permutation(whole.height)] if seed % 2 else whole


EDITS = {
    "姓名": "陈志明",
    "出生日期": "1980-02-03",
    "联系电话": "16099999999",
    "村居代码": "350825100209",
    "性别": "男",
}


def months(seed: int) -> list[tuple[date, dict[str, pl.DataFrame]]]:
    """The first delivery; the same again in February; one list corrected; all changed, one missing and one sent anew."""
    names = list(LISTS)
    corrected = LISTS | {names[1]: changed(LISTS[names[1]], seed)}
    later = {name: changed(table, seed + n) for n, (name, table) in enumerate(corrected.items())}
    later |= {
        "公安-户籍人口": register(REGISTER.filter(pl.int_range(pl.len()) % 40 != 7)),
        names[2]: LISTS[names[2]],
    }
    del later[names[0]]
    return [(JANUARY, LISTS), (FEBRUARY, LISTS), (FEBRUARY, corrected), (FEBRUARY, later)]


@pytest.mark.parametrize("seed", [71])
def test_every_month_is_as_if_all_were_read_and_linked_anew(tmp_path: Path, seed: int) -> None:
    read = []
    for n, (as_of, lists) in enumerate(months(seed)):
        folder = lay(tmp_path / f"{n}", **lists)
        bare = shutil.ignore_patterns("readings", kept.CLAIMS)
        if n:
            shutil.copytree(tmp_path / "kept", tmp_path / "bare", ignore=bare, dirs_exist_ok=True)
        read.append(link(folder, tmp_path / "one", as_of=as_of, state=tmp_path / "kept").read)
        link(folder, tmp_path / "two", as_of=as_of, state=tmp_path / "bare")
        for name in PUBLISHED:
            assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), (n, name)
        for name in ("numbers.parquet", "assignments.parquet", kept.YARDSTICK):
            assert (tmp_path / "kept" / name).read_bytes() == (tmp_path / "bare" / name).read_bytes(), (
                n,
                name,
            )
        shutil.rmtree(tmp_path / "bare")
    # only the list that changed is read; in the last month the list that is sent as it was at first is known
    assert read == [4, 0, 1, 2]
    lists = pl.read_parquet(tmp_path / "kept" / kept.CLAIMS)["file"].unique().sort()
    assert lists.to_list() == [f"{name}.csv" for name in sorted(months(seed)[3][1] | {"公安-户籍人口": 0})]


def test_a_run_that_broke_off_leaves_nothing_that_misleads_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, state = lay(tmp_path / "报送", **LISTS), tmp_path / "state"
    link(folder, tmp_path / "one", as_of=JANUARY, state=tmp_path / "other")
    with monkeypatch.context() as patched:
        patched.setattr("chunfeng.pipeline.registry.save_known", broken)
        with pytest.raises(KeyboardInterrupt):
            link(folder, tmp_path / "broken", as_of=JANUARY, state=state)
    link(folder, tmp_path / "two", as_of=JANUARY, state=state)
    for name in PUBLISHED:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name


def broken(*_: object) -> None:
    raise KeyboardInterrupt


def test_the_yardstick_comes_back_as_it_was_and_only_to_the_same_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    everybody = townspeople(700)
    table = claims(extract("household_register", everybody), extract("village_survey", everybody[:300]))
    learned = link_claims(table).yardstick
    assert kept.load_yardstick(tmp_path) is None and kept.load_yardstick(None) is None
    kept.save_yardstick(tmp_path, learned)
    found = kept.load_yardstick(tmp_path)
    assert found is not None and found.model == learned.model and learned.model.m
    assert (found.thresholds, found.verified) == (learned.thresholds, learned.verified)
    assert found.counts.persons == learned.counts.persons > 690
    assert all(
        a.sort(a.columns).equals(b) for a, b in zip(found.counts.shared, learned.counts.shared, strict=True)
    )
    monkeypatch.setattr(kept, "linker_version", lambda: "another")
    assert kept.load_yardstick(tmp_path) is None
