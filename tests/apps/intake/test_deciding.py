"""Accepting, holding, versions, taking back: what the next run reads follows from what was decided, exactly."""

from __future__ import annotations

import json
from datetime import date

import polars as pl
import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from chunfeng.apps.intake import brakes, doing, folders, words
from chunfeng.apps.intake.models import Delivery, Extract, Run
from chunfeng.apps.intake.services import decide, settle
from chunfeng.apps.places.numbers import reach
from chunfeng.apps.places.scope import Scope, use
from chunfeng.apps.registry.models import Person
from tests.apps.intake.conftest import COUNTY, citizen_id, everywhere, hand_in, register, row, work

pytestmark = pytest.mark.usefixtures("lasting", "db")
State = Extract.State


@pytest.fixture(scope="module")
def read(lasting):
    """Four lists of one series and what else is needed, read once: name → key of its extract."""
    away = [row(n, id=citizen_id(n, "440106"), address="广东省广州市天河区") for n in range(300, 340)]
    lists = {
        "一月": register(range(1, 41)),
        "二月": register(range(3, 45)),
        "别县": register(()) + "\n".join(",".join(r) for r in away).encode() + b"\n",
        "重复": register([*range(1, 31), *range(1, 31)]),
        "有错": register(range(60, 80)) + ",".join(row(80, id="3508251990010101")).encode() + b"\n",
    }
    return {name: hand_in((f"失业登记{name}.csv", content)).pk for name, content in lists.items()}


@pytest.fixture
def lists(read):
    with everywhere():
        return {
            name: Extract.objects.select_related("delivery").get(delivery=pk) for name, pk in read.items()
        }


def as_clerk(actor: int = 1, on_behalf_of: int | None = None):
    return use(
        Scope(
            reach(COUNTY),
            "county_clerk",
            "test",
            actor,
            on_behalf_of=on_behalf_of,
            capabilities=frozenset({"intake.accept", "intake.send"}),
        )
    )


def states(lists):
    with everywhere():
        return {n: Extract.objects.get(pk=e.pk).state for n, e in lists.items()}


def taken() -> set[str]:
    with everywhere():
        return {s["file"] for s in json.loads(folders.settled(COUNTY) or b"{}")["sheets"]}


def test_a_new_version_replaces_and_undo_brings_the_old_one_back(lists, tmp_path):
    with as_clerk():
        decide.accept(lists["一月"])
    before = taken()
    with as_clerk():
        decide.accept(lists["二月"])
    assert states(lists)["一月"] == State.SUPERSEDED and states(lists)["二月"] == State.ACCEPTED
    assert taken() == {lists["二月"].source}
    with as_clerk():
        decide.undo(lists["二月"], "报错了月份")
    assert states(lists)["一月"] == State.ACCEPTED and states(lists)["二月"] == State.UNDONE
    assert taken() == before
    with everywhere():
        given = folders.materialise(COUNTY, tmp_path)
        assert set(given) == before and (tmp_path / next(iter(before))).read_bytes() == register(range(1, 41))
        assert Extract.objects.get(pk=lists["二月"].pk).version == 2


def test_older_data_do_not_take_the_place_of_newer_ones_unseen():
    """Both lists wait; the newer one is accepted first. When the older one was read, there was nothing to replace."""
    old = hand_in(("失业登记12月.csv", register(range(101, 141))), as_of=date(2022, 12, 15))
    new = hand_in(("失业登记1月.csv", register(range(102, 142))), as_of=date(2023, 1, 15))
    with as_clerk():
        older, newer = (Extract.objects.get(delivery=each) for each in (old, new))
        assert (older.brakes, newer.brakes) == ([], [])
        assert decide.accept(newer).state == State.ACCEPTED
        held = decide.accept(older)
        assert (held.state, [b["code"] for b in held.brakes]) == (State.HELD, [brakes.OLDER])
        assert "2022-12-15" in words.brake_text(held.brakes[0])
    assert taken() == {newer.source}
    with as_clerk(2):
        decide.choose_replacing(held, False)  # it stands beside, and the brake for versions is off
        assert Extract.objects.get(pk=held.pk).brakes == []
        assert decide.release(held, "作为去年底的情况另加一份").state == State.ACCEPTED
    assert taken() == {newer.source, older.source}


def test_what_came_while_a_list_waited_is_looked_at_when_it_is_accepted():
    first = hand_in(("失业登记甲.csv", register(range(201, 241))))
    second = hand_in(("失业登记乙.csv", register(range(700, 740))))
    with as_clerk():
        one, other = (Extract.objects.get(delivery=each) for each in (first, second))
        decide.accept(one)
        assert [b["code"] for b in decide.accept(other).brakes] == [brakes.LITTLE_IN_COMMON]


def test_parts_of_one_delivery_are_one_version():
    parts = [("城区.csv", register(range(1, 31))), ("乡下.csv", register(range(31, 61)))]
    first = hand_in(*parts)
    later = hand_in(("全县.csv", register(range(1, 59))))
    with as_clerk():
        done, _passed = decide.accept_all(first)
        assert [e.version for e in done] == [1, 1]
        assert decide.accept(Extract.objects.get(delivery=later)).version == 2


def test_one_that_stands_beside_replaces_nothing(lists):
    with as_clerk():
        decide.accept(lists["一月"])
        decide.choose_replacing(lists["二月"], False)
        decide.accept(lists["二月"])
    assert states(lists)["一月"] == states(lists)["二月"] == State.ACCEPTED


def test_runs_wait_once(lists):
    with as_clerk():
        decide.accept(lists["一月"])
        decide.accept(lists["二月"])
        waiting = Run.objects.filter(state=Run.State.WAITING)
        assert waiting.count() == 1 and waiting.get().as_of == lists["一月"].delivery.as_of


def test_lists_of_several_days_wait_for_one_run_of_the_last_day():
    earlier = hand_in(("残疾人名册.csv", register(range(801, 841))), as_of=date(2023, 1, 5))
    later = hand_in(("失业登记.csv", register(range(801, 842))), as_of=date(2023, 1, 9))
    with as_clerk():
        decide.accept_all(earlier)
        decide.accept_all(later)
        run = Run.objects.get(state=Run.State.WAITING)
        assert run.as_of == date(2023, 1, 9)
        taken_in = Extract.objects.get(delivery=later)
        decide.undo(taken_in, "报错了日期")
        assert Run.objects.get(state=Run.State.WAITING).as_of == date(2023, 1, 5)


def test_rows_with_errors_may_stay_out(lists):
    with as_clerk():
        extract = decide.accept(lists["有错"], partly=True)
    assert extract.state == State.PARTLY and extract.left_out == [22]
    with everywhere():
        assert json.loads(folders.settled(COUNTY))["sheets"][0]["left_out"] == [22]


def test_the_brake_holds_and_somebody_else_releases(lists):
    extract = lists["别县"]
    assert [b["code"] for b in extract.brakes] == [brakes.ELSEWHERE]
    with as_clerk(1):
        assert decide.accept(extract).state == State.HELD
        with pytest.raises(PermissionDenied):
            decide.release(extract, "我自己看过了")
        with pytest.raises(ValidationError):
            decide.accept(extract)
    assert taken() == set()
    with as_clerk(2):
        with pytest.raises(ValidationError):
            decide.release(extract, " x ")
        assert decide.release(extract, "确为在广州务工的本县人").state == State.ACCEPTED
    assert [b["code"] for b in lists["重复"].brakes] == [brakes.MANY_REPEATED]


@pytest.mark.parametrize(
    ("asks", "checks"),
    [((1, None), (2, 1)), ((2, 1), (1, None)), ((2, 1), (3, 1)), ((2, 1), (2, None))],
    ids=["the deputy of who asked", "whom the deputy stood in for", "another deputy", "the deputy, in the own hat"],
)  # fmt: skip
def test_a_hat_lent_does_not_check_what_its_owner_asked_for(lists, asks, checks):
    extract = lists["别县"]
    with as_clerk(*asks):
        assert decide.accept(extract).state == State.HELD
    with as_clerk(*checks), pytest.raises(PermissionDenied, match="不能自己复核"):
        decide.release(extract, "代为看过，没有问题")
    with as_clerk(4):
        assert decide.release(extract, "确为在广州务工的本县人").state == State.ACCEPTED


def test_who_may_not_accept_may_not(lists):
    scope = Scope(reach(COUNTY), "partner", "test", 9, capabilities=frozenset({"intake.send"}))
    with use(scope), pytest.raises(PermissionDenied):
        decide.accept(lists["一月"])


def test_what_is_decided_is_not_changed(lists):
    extract = lists["一月"]
    with as_clerk():
        decide.accept(extract)
        for change in (
            lambda: settle.edit_cell(extract, 2, 1, row(1)[1], "x"),
            lambda: settle.confirm_columns(extract, extract.kind, []),
            lambda: settle.set_aside(extract),
            lambda: decide.reject(extract, "退回理由"),
            lambda: decide.reopen(extract),
        ):
            with pytest.raises(ValidationError):
                change()


def test_a_sheet_that_is_no_list_stays_aside(lists):
    with as_clerk():
        settle.set_aside(lists["一月"])
        with pytest.raises(ValidationError):
            decide.accept(lists["一月"])
    assert states(lists)["一月"] == State.NOTE


def test_the_same_content_is_not_read_twice(lists):
    again = hand_in(("换个名字.csv", register(range(1, 41))), read=False)
    with everywhere():
        file = again.files.get()
        assert file.state == "duplicate" and file.same_as_id == lists["一月"].file_id
        assert work() == 0
        assert Delivery.objects.get(pk=again.pk).state == Delivery.State.CLOSED
    with as_clerk():
        decide.reject(lists["一月"], "请按新表报")
    after = hand_in(("再报.csv", register(range(1, 41))), read=False)
    with everywhere():
        assert after.files.get().state == "waiting"


def persons() -> pl.DataFrame:
    with everywhere():
        rows = (
            Person.objects.filter(county=COUNTY, gone=None).order_by("key").values_list("key", "name", "rows")
        )
        return pl.DataFrame(list(rows), schema=["key", "name", "rows"], orient="row")


def test_after_undo_the_registry_is_what_it_was(lists):
    """By the real main job: another month is taken in and taken back; persons, keys and rows are the same again."""

    def run() -> pl.DataFrame:
        with everywhere():
            asked = Run.objects.filter(state=Run.State.WAITING).latest("pk")
        done = doing.do(asked.pk, COUNTY)
        assert done.state == Run.State.DONE, done.error
        return persons()

    with as_clerk():
        decide.accept(lists["一月"])
    before = run()
    assert before.height == 40
    with as_clerk():
        settle.edit_cell(lists["二月"], 2, 1, row(3)[1], "欧阳改名")
        Extract.objects.filter(pk=lists["二月"].pk).update(stale=False)
        decide.accept(lists["二月"])
    between = run()
    assert "欧阳改名" in between["name"].to_list() and between.height == 42
    with as_clerk():
        decide.undo(lists["二月"], "整份报错")
    assert run().equals(before)


def test_a_part_alone_does_not_take_the_place_of_all_unseen():
    both = hand_in(("失业登记一.csv", register(range(1, 30))), ("失业登记二.csv", register(range(40, 50))))
    again = hand_in(("失业登记一（更正）.csv", register(range(2, 31))))
    with everywhere():
        for extract in both.extracts.all():
            decide.accept(extract)
        held = decide.accept(again.extracts.get())
        assert (held.state, [b["code"] for b in held.brakes]) == (Extract.State.HELD, ["parts_missing"])
        assert all(e.active for e in both.extracts.all())
