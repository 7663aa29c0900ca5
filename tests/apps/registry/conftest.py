"""An invented county, loaded once by the real job, and two clerks of it. Its runs are committed, so it is one of its own."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from chunfeng.reference import regions
from tests.pipeline import county as invented
from tests.pipeline.county import REGISTER

COUNTY = "350824"
VILLAGE = regions.children(regions.children(COUNTY)[0].code)[0].code
DAY = date(2023, 1, 15)


def _lists() -> tuple[pl.DataFrame, pl.DataFrame]:
    """The register, and a survey without numbers: most rows tell enough to be linked, some fit two persons alike, and
    two are nobody's of the register. One row stands twice."""
    village = pl.lit(VILLAGE).alias("村居代码")
    names = REGISTER.head(120)["姓名"].to_list()
    for one, two in ((0, 40), (3, 50), (6, 60)):
        names[two] = names[one]
    named = REGISTER.head(120).with_columns(pl.Series("姓名", names), village)
    told = pl.int_range(pl.len()) >= 10
    survey = named.head(40).select(
        "姓名",
        pl.when(told).then("性别").otherwise(pl.lit("")).alias("性别"),
        pl.when(told).then("出生日期").otherwise(pl.lit("")).alias("出生日期"),
        "村居代码",
    )
    strangers = pl.DataFrame(
        {
            "姓名": ["欧阳海燕", "司马金水"],
            "性别": ["女", "男"],
            "出生日期": ["1971-05-06", "1968-11-12"],
            "村居代码": VILLAGE,
        }
    )
    return invented.register(named), pl.concat([survey, survey.slice(35, 1), strangers])


@pytest.fixture(scope="session")
def county(platform: Path, tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """The county loaded by the real job, and two clerks of it."""
    from chunfeng.apps.intake import doing, runs
    from chunfeng.apps.intake.models import Run
    from chunfeng.apps.places.scope import use
    from tests.apps.conftest import make_user

    folder = tmp_path_factory.mktemp("in")
    for name, table in zip(("公安-户籍人口", "村居-走访人员"), _lists(), strict=True):
        table.write_csv(folder / f"{name}.csv", include_bom=True)
    users = [make_user(f"registry-{n}", "county_clerk", COUNTY, name=f"经办{n}") for n in "甲乙"]
    made = SimpleNamespace(folder=folder, users=users, clerk=_scope(users[0]), other=_scope(users[1]))
    with use(runs.scope_for(COUNTY)):
        run = runs.ask(COUNTY, DAY, folder=folder)
    first = doing.do(run.pk, COUNTY)
    assert first.state == Run.State.DONE, first.error
    return made


def _scope(user: Any) -> Any:
    from chunfeng.apps.places.numbers import reach
    from chunfeng.apps.places.scope import Scope

    return Scope(
        reach(COUNTY),
        "county_clerk",
        "test",
        user.pk,
        capabilities=frozenset(user.memberships.get().role.capabilities),
    )
