"""Decisions upon decisions: who was corrected is merged away, who was merged is given on, and all of it is taken back."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from chunfeng.apps.places.scope import use
from chunfeng.apps.registry import merged
from chunfeng.apps.registry.models import Claim, Decision, Person
from chunfeng.apps.registry.services import corrections, decisions
from tests.apps.registry.test_decisions import COUNTY, picture, run_again

CORRECTIONS = "staff_corrections"


@pytest.fixture(scope="module")
def told(county) -> SimpleNamespace:
    """One story in six runs. `one`, `two`: records without a number, merged into `keep_one`, `keep_two`."""
    told = SimpleNamespace()
    with use(county.clerk):
        told.before = picture()
        people = Person.objects.filter(county=COUNTY, gone=None).order_by("key")
        told.one, told.two = people.filter(id18_index=None)[:2]
        told.keep_one, told.keep_two, told.third = people.exclude(id18_index=None)[30:33]
        told.plain, told.halved = people.filter(rows__gte=2).exclude(id18_index=None)[10:12]
        said = [corrections.correct(told.one, "stay_address", "武平县平川街道", "走访", "搬了家，本人说")]
        said.append(corrections.correct(told.plain, "phone", "13900002222", "本人手机", "本人来电更正"))
        row = Claim.objects.filter(person=told.halved).exclude(kind="household_register").get()
        split, told.new = decisions.split(told.halved, [row], "同名不同人")
    run_again()

    with use(county.clerk):
        told.plain = Person.objects.get(pk=told.plain.pk)
        told.of_plain = list(Claim.objects.filter(person=told.plain))
        told.refused = []
        for rows in (told.of_plain, [c for c in told.of_plain if c.kind != CORRECTIONS]):
            with pytest.raises(decisions.Refused) as refused:
                decisions.split(told.plain, rows, "把所有行都拆出去")
            told.refused.append(str(refused.value))
        told.rows_of_one = {c.pk for c in Claim.objects.filter(person=told.one)}
        first = decisions.merge(told.keep_one, told.one, "户主确认是同一人")
        said.append(corrections.correct(told.two, "stay_address", "武平县城厢镇", "走访", "搬了家，村里说"))
        other = decisions.merge(told.keep_two, told.two, "村支书确认是同一人")
        alone = Person.objects.get(pk=told.new)
        said.append(corrections.correct(alone, "phone", "13900003333", "本人手机", "本人来电更正"))
        decisions.undo(split, "判错了，恢复原样")
    run_again()

    with use(county.clerk):
        told.merged = picture()
        told.whose = {c.pk: c.person_id for c in Claim.objects.filter(county=COUNTY)}
        told.corrected = set(Claim.objects.filter(kind=CORRECTIONS).values_list("person_id", flat=True))
        told.heirs = merged.into(COUNTY)
        told.late = []
        for key in (told.one.pk, told.new):
            with pytest.raises(decisions.Refused) as refused:
                corrections.correct(Person.objects.get(pk=key), "name", "欧阳更正", "户口簿", "姓名有误")
            told.late.append(str(refused.value))
        told.given = list(Claim.objects.filter(person=told.keep_one, lane="human").exclude(kind=CORRECTIONS))
        second = decisions.give(told.keep_one, told.given, told.third, "其实是另一人")
        with pytest.raises(decisions.Stale):
            decisions.give(told.keep_one, told.given, told.keep_two, "旧页面上又点了一次")
        told.standing = set(Decision.objects.filter(deed=first).values_list("replaced_by", flat=True))
    run_again()
    told.second = second

    def owners() -> set[int | None]:
        return set(
            Claim.objects.filter(pk__in=[c.pk for c in told.given]).values_list("person_id", flat=True)
        )

    with use(county.clerk):
        told.owners = [owners()]
        decisions.undo(second, "还是前面判得对")
    run_again()
    with use(county.clerk):
        told.again = picture()
        again = decisions.give(told.keep_one, told.given, told.third, "再核，是另一人")
        decisions.undo(first, "合并是错的")
    run_again()
    with use(county.clerk):
        told.owners.append(owners())
        for deed in (again, other):
            decisions.undo(deed, "全部恢复原样")
        for each in said:
            corrections.undo(each.pk, "材料是别人的")
    run_again()
    with use(county.clerk):
        told.back = picture()
    return told


def test_who_was_corrected_can_be_merged_away_and_what_was_corrected_goes_along(told):
    """A run that reads the correction as one person's row and the merge as another's would fail for ever."""
    assert told.one.pk not in told.merged and told.two.pk not in told.merged
    assert {told.whose[pk] for pk in told.rows_of_one if pk in told.whose} == {told.keep_one.pk}
    assert {told.keep_one.pk, told.keep_two.pk, told.plain.pk} <= told.corrected
    assert told.heirs == {told.one.pk: told.keep_one.pk, told.two.pk: told.keep_two.pk}


def test_a_correction_is_taken_back_not_split_off(told):
    assert len(told.of_plain) == 3 and "撤销更正" in told.refused[0] and "所有行" in told.refused[1]


def test_a_split_undone_leaves_nobody_behind_whom_staff_had_corrected(told):
    assert told.new not in told.merged and None in told.corrected


def test_who_is_on_no_list_any_more_is_not_corrected(told):
    assert told.keep_one.number in told.late[0] and "不会生效" in told.late[1]


def test_rows_given_by_hand_may_be_given_on_and_the_older_word_holds_again_when_that_is_undone(told):
    assert told.owners[0] == {told.third.pk} and told.standing == {told.second}
    assert told.again == told.merged


def test_what_a_later_deed_gave_on_stays_there_when_the_earlier_one_is_undone(told):
    assert told.owners[1] == {told.third.pk}


def test_all_undone_it_is_exactly_as_before(told):
    assert told.back == told.before


def test_the_way_through_several_merges_ends():
    assert merged.last({1: 2, 2: 3}, 1) == 3
    assert merged.last({1: 2, 2: 1}, 1) in (1, 2)
