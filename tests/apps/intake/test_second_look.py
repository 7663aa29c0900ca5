"""What was refused half-way leaves nothing behind, and no way round leads past the second person."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import override_settings
from django.urls import reverse

from chunfeng.apps.intake import brakes
from chunfeng.apps.intake.models import Delivery, Extract
from chunfeng.apps.intake.services import decide, settle
from chunfeng.apps.intake.services.receive import receive
from chunfeng.apps.places.numbers import reach
from chunfeng.apps.places.scope import Scope, use
from tests.apps.intake.conftest import COUNTY, Upload, citizen_id, everywhere, hand_in, register, row, work
from tests.apps.intake.test_deciding import as_clerk, states

pytestmark = pytest.mark.usefixtures("lasting", "db")
State = Extract.State
SHORT = "3508251990010101"


def away(numbers) -> list[list[str]]:
    return [row(n, id=citizen_id(n, "440106"), address="广东省广州市天河区") for n in numbers]


def sheet(rows) -> bytes:
    return register(()) + "".join(",".join(r) + "\n" for r in rows).encode()


@pytest.fixture(scope="module")
def read(lasting):
    wrong = row(340, id=SHORT, address="广东省广州市天河区")
    sent = {
        "一月": register(range(1, 41)),
        "二月": register(range(3, 45)),
        "少": register(range(1, 8)),
        "别县": sheet([*away(range(300, 340)), wrong]),
        "有错": sheet([row(60), row(61, id=SHORT), row(62)]),
    }
    return {name: hand_in((f"失业登记{name}.csv", content)).pk for name, content in sent.items()}


@pytest.fixture
def lists(read):
    with everywhere():
        return {n: Extract.objects.select_related("delivery").get(delivery=pk) for n, pk in read.items()}


def now(extract: Extract) -> Extract:
    with everywhere():
        return Extract.objects.get(pk=extract.pk)


def test_undo_without_a_reason_changes_nothing(lists, client_as):
    with as_clerk():
        decide.accept(lists["一月"])
        decide.accept(lists["二月"])
        before = states(lists)
        with pytest.raises(ValidationError):
            decide.undo(lists["二月"], " x ")
    assert states(lists) == before
    url = reverse("intake-undo", args=[lists["二月"].pk])
    page = client_as().post(url, {"reason": "x"}, follow=True)
    assert "至少 4 个字" in page.content.decode()
    assert states(lists) == before and before["一月"] == State.SUPERSEDED


def test_one_person_alone_does_not_get_a_held_list_in(lists):
    extract = lists["别县"]
    with as_clerk(1):
        assert decide.accept(extract).state == State.HELD
        settle.edit_cell(extract, 3, 1, row(301)[1], "林小春")
    work()
    assert now(extract).state == State.HELD
    assert [b["code"] for b in now(extract).brakes] == [brakes.ELSEWHERE]
    with as_clerk(1):
        decide.reject(extract, "退回再看")
        decide.reopen(extract)
        with pytest.raises(ValidationError):
            decide.accept(extract)
    work()
    with as_clerk(1):
        assert decide.accept(extract).state == State.HELD
        with pytest.raises(PermissionDenied):
            decide.release(extract, "我自己看过了")
    with as_clerk(2):
        assert decide.release(extract, "确为在广州务工的本县人").state == State.ACCEPTED


def test_changing_ones_mind_about_replacing_brings_the_brake_back(lists):
    """A list that stands beside is not compared with its last version; one that replaces it after all is."""
    with as_clerk(1):
        decide.accept(lists["一月"])
        decide.choose_replacing(lists["少"], False)
        settle.edit_cell(lists["少"], 2, 1, row(1)[1], "林小春")
    work()
    assert now(lists["少"]).brakes == []
    with as_clerk(1):
        decide.choose_replacing(lists["少"], True)
        assert [b["code"] for b in now(lists["少"]).brakes] == [brakes.FAR_FEWER]
        assert decide.accept(lists["少"]).state == State.HELD


def test_a_row_put_right_while_the_list_is_held_is_taken_in(lists):
    extract = lists["别县"]
    with as_clerk(1):
        assert decide.accept(extract, partly=True).left_out == [42]
        settle.edit_cell(extract, 42, 2, SHORT, citizen_id(340, "440106"))
    with as_clerk(2), pytest.raises(ValidationError):
        decide.release(extract, "确为在广州务工的本县人")
    work()
    with as_clerk(2):
        released = decide.release(extract, "确为在广州务工的本县人")
    assert (released.state, released.left_out) == (State.ACCEPTED, [])


def test_what_is_read_of_a_list_sent_back_meanwhile_is_kept(lists):
    extract = lists["有错"]
    with as_clerk(1):
        settle.edit_cell(extract, 3, 2, SHORT, citizen_id(61))
        decide.reject(extract, "请再核对一遍")
    work()
    after = now(extract)
    assert (after.state, after.stale, after.error_rows) == (State.REJECTED, False, 0)
    assert after.table != extract.table


@override_settings(UPLOAD_LIMIT=1000)
def test_a_refused_upload_keeps_nothing():
    with use(Scope(reach(COUNTY), "test", "test")):
        before = Delivery.objects.count()
        sent = [Upload("一.csv", register(range(1, 3))), Upload("大.csv", b"x" * 2000)]
        with pytest.raises(ValidationError):
            receive(sent, as_of=date(2023, 1, 15))
        assert Delivery.objects.count() == before


def test_a_row_is_saved_whole_or_not_at_all(lists, client_as):
    extract = lists["有错"]
    url = reverse("intake-row", args=[extract.pk, 3])
    cells = {"c1": "林小春", "old1": row(61)[1], "c2": citizen_id(61), "old2": "别人看到的"}
    page = client_as().post(url, cells)
    text = page.content.decode()
    assert page.status_code == 422 and "没有保存" in text and "已被别人改过" in text
    assert f'name="old1" value="{row(61)[1]}"' in text and 'value="林小春"' in text
    with everywhere():
        assert not extract.edits.exists() and not now(extract).stale
    page = client_as().post(url, cells | {"old2": SHORT})
    assert page.status_code == 302
    with everywhere():
        assert extract.edits.count() == 2


class Meanwhile:
    """Another clerk's decision that falls between the look at what is ready and the taking of it."""

    def __init__(self, key: int) -> None:
        self.key = key

    def __call__(self, execute, sql, params, many, context):
        if self.key and "FOR UPDATE" in sql and "intake_extract" in sql:
            key, self.key = self.key, 0
            with connection.cursor() as cursor:
                cursor.execute("UPDATE intake_extract SET state = 'rejected' WHERE id = %s", [key])
        return execute(sql, params, many, context)


def test_all_but_what_another_decided_meanwhile(client_as):
    delivery = hand_in(("甲.csv", register(range(1, 30))), ("乙.csv", register(range(100, 130))))
    with everywhere():
        first, second = delivery.extracts.order_by("pk")
    client = client_as()
    with connection.execute_wrapper(Meanwhile(second.pk)):
        page = client.post(reverse("intake-accept-all", args=[delivery.pk]), follow=True)
    text = page.content.decode()
    assert page.status_code == 200
    assert "已接收 1 份名单" in text and "1 份名单刚被别人处理或改动" in text
    assert (now(first).state, now(second).state) == (State.ACCEPTED, State.REJECTED)


def test_nobody_hands_in_what_the_registry_writes_itself(lists):
    with as_clerk():
        Extract.objects.filter(pk=lists["有错"].pk).update(kind="staff_corrections")
        with pytest.raises(ValidationError, match="登记库"):
            decide.accept(now(lists["有错"]))
    assert now(lists["有错"]).state == State.READ
