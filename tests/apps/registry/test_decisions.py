"""What people decide, through real runs of a small invented county: it holds, and undone it leaves nothing behind."""

from __future__ import annotations

from itertools import groupby
from types import SimpleNamespace

import pytest

from chunfeng.apps.intake import doing, runs
from chunfeng.apps.intake.models import Run
from chunfeng.apps.places.numbers import place_number, reach
from chunfeng.apps.places.scope import Scope, use
from chunfeng.apps.registry import corrected, review, selectors, state, words
from chunfeng.apps.registry.models import Claim, Decision, Doubt, Person
from chunfeng.apps.registry.services import corrections, decisions, rows
from chunfeng.apps.registry.services import review as holding
from tests.engines.linkage.town import id18

COUNTY = "350824"  # see conftest
CARD = id18("19790101", 905, COUNTY)
"""A number that no list of the county has."""


@pytest.fixture(scope="module")
def decided(county):
    """One decision of every sort, the run that reads them, all undone, and the run after that."""
    told = SimpleNamespace(deeds=[])
    with use(county.clerk):
        told.before = picture()
        doubts = list(Doubt.objects.filter(county=COUNTY).order_by("fingerprint", "rank"))
        rows_near = [list(g) for _, g in groupby(doubts, key=lambda d: d.fingerprint)]
        told.confirmed = next(g for g in rows_near if len(g) > 1)[-1]
        near = [d for d in doubts if d.fingerprint == told.confirmed.fingerprint]
        told.deeds.append(
            decisions.settle(near, {told.confirmed.fingerprint: told.confirmed.person_id}, "已电话核实", 0)
        )
        told.refused = next(g for g in rows_near if g[0].fingerprint != told.confirmed.fingerprint)
        told.deeds.append(
            decisions.settle(told.refused, {told.refused[0].fingerprint: None}, "村里说都不是", 0)
        )
        several = Person.objects.filter(county=COUNTY, rows__gte=2).exclude(id18_index=None).order_by("key")
        told.split, told.corrected = several[0], several[1]
        told.claim = Claim.objects.filter(person=told.split).exclude(kind="household_register").first()
        deed, told.new = decisions.split(told.split, [told.claim], "同名不同人，两人合成了一条")
        told.deeds.append(deed)
        told.other, told.stays = Person.objects.filter(county=COUNTY, id18_index=None, gone=None).order_by(
            "key"
        )[:2]
        told.keep = several[2]
        told.deeds.append(decisions.merge(told.keep, told.other, "户主确认是同一人"))
        corrections.correct(told.corrected, "phone", "13900001111", "本人手机", "本人来电更正")
        told.said = corrections.correct(told.corrected, "name", "欧阳更正", "户口簿原件", "户籍姓名有误")
        told.by_rows = corrections.correct(
            told.stays, "stay_address", "武平县平川街道", "走访", "搬了家，本人说"
        )
        told.card = corrections.correct(told.stays, "id18", f" {CARD.lower()}", "身份证原件", "本人带证件来")
        told.pending = selectors.person(told.corrected)
        told.lines = state.decisions(COUNTY).decode().splitlines()
        told.list = corrected.table(state._corrections(COUNTY)).decode("utf-8-sig").splitlines()
        told.runs = {d.run for d in Decision.objects.filter(county=COUNTY)}
    told.run = run_again()
    with use(county.clerk):
        told.after = picture()
        told.record = selectors.person(told.corrected.pk)
        told.moved = selectors.person(told.stays.pk)
        told.carded = Person.objects.get(pk=told.stays.pk)
        told.alone = Person.objects.get(pk=told.new)
        told.phone = Person.objects.get(pk=told.corrected.pk).phone
        told.lanes = {(c.file, c.row): (c.person_id, c.lane) for c in Claim.objects.filter(county=COUNTY)}
        told.left = set(Doubt.objects.filter(county=COUNTY).values_list("fingerprint", flat=True))
        told.strays = Claim.objects.filter(county=COUNTY, kind="staff_corrections").exclude(
            person__in=[told.corrected, told.stays]
        )
        told.strays = list(told.strays)
        for deed in told.deeds:
            decisions.undo(deed, "判错了，恢复原样")
        for each in (*told.corrected.corrections.all(), *told.stays.corrections.all()):
            corrections.undo(each.pk, "材料是别人的")
        told.nothing = (state.decisions(COUNTY), corrected.table([]).count(b"\n"))
    run_again()
    with use(county.clerk):
        told.back = picture()
    return told


def picture() -> dict[int, tuple[object, ...]]:
    """Every person of the county with what is known and the rows that are theirs."""
    claims: dict[int, list[tuple[str, int, str]]] = {}
    for person, file, row, lane in Claim.objects.filter(county=COUNTY).values_list(
        "person_id", "file", "row", "lane"
    ):
        claims.setdefault(person or 0, []).append((file, row, lane))
    shown = Person.objects.filter(county=COUNTY, gone=None).values_list(
        "key", "name", "sex", "birth", "id18_mask", "phone_mask", "education", "doubts", "findings"
    )
    return {each[0]: (*each[1:], tuple(sorted(claims.get(each[0], ())))) for each in shown}


def run_again() -> Run:
    """The run that the last decision asked for."""
    with use(runs.scope_for(COUNTY)):
        waiting = Run.objects.get(place=place_number(COUNTY), state=Run.State.WAITING)
    done = doing.do(waiting.pk, COUNTY)
    assert done.state == Run.State.DONE, done.error
    return done


def with_number() -> Person:
    return Person.objects.filter(county=COUNTY, gone=None).exclude(id18_index=None).order_by("key").first()


def test_fingerprints_are_those_the_run_gave(county):
    with use(county.clerk):
        doubts = list(Doubt.objects.filter(county=COUNTY, rank=1)[:20])
        claims = {}
        for doubt in doubts:
            claim = Claim.objects.get(county=COUNTY, file=doubt.file, sheet=doubt.sheet, row=doubt.row)
            claims[claim.pk] = doubt.fingerprint
        assert claims, "the invented county has doubtful rows"
        assert rows.marks(COUNTY, list(Claim.objects.filter(pk__in=claims))) == claims


def test_all_that_was_decided_is_read_by_one_run(decided):
    assert decided.runs == {decided.run.pk}
    assert decided.lines[0] == "action,fingerprint,person,by,on,reason"
    assert len(decided.list) == 3, "one line a person"


def test_a_confirmed_row_is_that_person(decided):
    row = decided.confirmed
    assert decided.lanes[row.file, row.row] == (row.person_id, "human")
    assert row.fingerprint not in decided.left


def test_a_row_that_is_none_of_them_is_none_of_them(decided):
    row = decided.refused[0]
    assert decided.lanes[row.file, row.row][0] not in {d.person_id for d in decided.refused}
    assert row.fingerprint not in decided.left


def test_split_off_rows_are_a_person_of_their_own(decided):
    assert decided.alone.number == "P900000001" and decided.alone.rows == 1 and decided.alone.name
    assert decided.lanes[decided.claim.file, decided.claim.row] == (decided.new, "human")


def test_merging_gives_all_rows_to_one(decided):
    assert decided.other.pk not in decided.after
    rows_before = decided.before[decided.keep.pk][-1], decided.before[decided.other.pk][-1]
    assert len(decided.after[decided.keep.pk][-1]) == sum(map(len, rows_before))


def test_corrections_are_shown_at_once_and_stand_before_every_list(decided):
    assert decided.pending["name"].pending == decided.said
    assert decided.pending["name"].pending_text == "欧阳更正"
    assert decided.pending["name"].taken.text == decided.corrected.name
    assert decided.record["name"].taken.text == "欧阳更正" and decided.phone == "13900001111"
    assert decided.corrected.name in {v.text for v in decided.record["name"].losing}
    assert decided.moved["stay_address"].taken.text == "武平县平川街道", "a person without a number, too"
    assert decided.strays == []
    standing = (decided.record["name"], decided.record["phone"], decided.moved["stay_address"])
    assert [field.pending for field in standing] == [None] * 3, "what a run took is no longer to come"


def test_who_is_given_a_number_has_it_and_is_the_same_person(decided):
    assert decided.stays.id18 is None and decided.card.value == CARD
    assert decided.carded.id18 == CARD and decided.carded.birth.isoformat() == "1979-01-01"
    assert decided.moved["id18"].pending is None and decided.carded.gone is None
    assert decided.carded.county == COUNTY and decided.after[decided.stays.pk][3] == words.masked(
        "id18", CARD
    )


def test_undone_it_is_exactly_as_before(decided):
    assert decided.nothing[0] is None
    assert decided.back == decided.before
    assert decided.after != decided.before


def test_two_verified_numbers_are_never_merged(county):
    with use(county.clerk):
        one, two = list(Person.objects.filter(county=COUNTY).exclude(id18_index=None).order_by("key")[:2])
        with pytest.raises(decisions.Refused, match="不能合并"):
            decisions.merge(one, two, "看起来像")
        assert not Decision.objects.filter(person=one.pk, kind="merge").exists()


def test_what_the_number_says_is_not_corrected(county):
    with use(county.clerk):
        person = with_number()
        for field, value in (("birth", "1990-01-01"), ("sex", "女"), ("id18", "x"), ("hukou_region", "35")):
            with pytest.raises(decisions.Refused):
                corrections.correct(person, field, value, "身份证", "想改一改")
        for field, value in (
            ("phone", "123"),
            ("education", "不知道什么"),
            ("name", "=1+1"),
            ("stay_address", "=cmd|x"),
        ):
            with pytest.raises(decisions.Refused):
                corrections.correct(person, field, value, "身份证", "想改一改")


def test_a_number_is_given_that_is_one_and_nobody_elses(county, db):
    with use(county.clerk):
        without = Person.objects.filter(county=COUNTY, gone=None, id18_index=None).order_by("key")[:2]
        theirs = with_number().id18
        for number, said in (
            (CARD[:-1], "校验码"),
            (CARD[::-1], "校验码"),
            ("护照E12345678", "校验码"),
            (theirs, "已有人"),
        ):
            with pytest.raises(decisions.Refused, match=said):
                corrections.correct(without[0], "id18", number, "身份证", "本人带证件来")
        corrections.correct(without[0], "id18", CARD, "身份证", "本人带证件来")
        with pytest.raises(decisions.Refused, match="已有人"):
            corrections.correct(without[1], "id18", CARD, "身份证", "本人带证件来")


def test_of_rows_that_say_the_same_none_is_split_off_alone(county):
    """They have one fingerprint, so they go together: one of each ticked is all of them."""
    with use(county.clerk):
        person = Person.objects.get(county=COUNTY, rows=3, gone=None)
        claims = list(Claim.objects.filter(person=person).order_by("file", "row"))
        same = rows.marks(COUNTY, claims)
        assert len(set(same.values())) == 2 < len(claims)
        alike = [c for c in claims if list(same.values()).count(same[c.pk]) == 2]
        other = next(c for c in claims if c not in alike)
        with pytest.raises(decisions.Refused, match="所有行"):
            decisions.split(person, [other, alike[0]], "其实是另一人")


def test_two_clerks_one_row(county):
    """The second is told who decided what; nothing of theirs is kept."""
    with use(county.clerk):
        doubt = Doubt.objects.filter(county=COUNTY, rank=1).order_by("pk").first()
        near = list(Doubt.objects.filter(county=COUNTY, fingerprint=doubt.fingerprint))
        seen = review.table(doubt.pk).seen
        deed = decisions.settle(near, {doubt.fingerprint: near[0].person_id}, "甲电话核实", seen)
    try:
        with use(county.other), pytest.raises(decisions.Stale) as stale:
            decisions.settle(near, {doubt.fingerprint: None}, "乙电话核实", seen)
        assert {str(d.by) for d in stale.value.decisions} == {"经办甲"}
        with use(county.other):
            assert not Decision.objects.filter(by=county.users[1]).exists()
    finally:
        with use(county.clerk):
            decisions.undo(deed, "试验完毕，恢复")


def test_a_group_is_on_one_table_at_a_time(county):
    with use(county.clerk):
        group = review.groups()[0]
        assert holding.hold(group.county, group.name, group.at)
        assert holding.hold(group.county, group.name, group.at), "one's own may be opened again"
    with use(county.other):
        assert not holding.hold(group.county, group.name, group.at)
        assert review.groups()[0].held_by == "经办甲"
        assert holding.take_next() != group.first
    with use(county.clerk):
        holding.release(group.county, group.name)
    with use(county.other):
        assert holding.hold(group.county, group.name, group.at)
        holding.release(group.county, group.name)


def test_a_village_is_asked_and_answers(county):
    with use(county.clerk):
        doubt = Doubt.objects.filter(county=COUNTY, rank=1).order_by("pk").first()
        group = review.table(doubt.pk).group
        asked = holding.ask_village(doubt, group.at, "村里有几个同名的？")
        with pytest.raises(decisions.Refused):
            holding.ask_village(doubt, group.at, "再问一次")
        assert doubt.pk not in {g.first for g in review.groups()}
        assert doubt.pk in {g.first for g in review.groups(waiting=True)}
    sees = frozenset({"registry.read"})
    village = Scope(reach(str(group.at)), "village_worker", "test", county.users[1].pk, capabilities=sees)
    with use(village):
        holding.answer(asked.pk, "两个，父子")
        with pytest.raises(decisions.Refused):
            holding.answer(asked.pk, "三个")
    with use(county.clerk):
        row = next(r for r in review.table(doubt.pk).rows if r.fingerprint == doubt.fingerprint)
        assert row.inquiry.answer == "两个，父子"
        asked.delete()
