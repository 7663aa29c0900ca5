"""Reasons: the deciding tests alone give the answer; one change does what is said; time does what is foretold."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chunfeng.engines.rules.explain import Provenance, explain, tree_lines
from chunfeng.engines.rules.reasons import deciding, fewest_changes, turns_on
from chunfeng.engines.rules.records import Book, Case
from chunfeng.engines.rules.tree import Among, Between, Compare, Holds, Members
from chunfeng.engines.rules.walk import Step, Walker, all_of, any_of, opposite
from tests.engines.rules import invented
from tests.engines.rules.test_agreement import NAMES, SEEDS, calm

DAY = date(2023, 1, 15)
JOBLESS = {"hukou": "urban", "registered": True, "working": False}


def case(**facts: object) -> Case:
    return Case({**JOBLESS, **facts}, "350825", ())  # type: ignore[dict-item]


def test_a_no_names_the_one_condition_short_and_the_day_it_will_be_met(book: Book) -> None:
    sources = {("", "birth_date"): Provenance("household_register", "14公安.csv:3", date(2023, 1, 1))}
    told = explain(book, "A1", case(sex="male", birth_date=date(1973, 6, 1)), DAY, sources)
    assert told.answer is False
    assert told.single_change is not None
    assert told.single_change.fact == "birth_date"
    assert told.single_change.turns_on == told.next_check == date(2023, 6, 1)
    short = told.short()
    for part in (
        "不符合“大龄城镇居民”",
        "闽政〔2008〕18号第十条",
        "1973-06-01",
        "49周岁",
        "14公安.csv:3",
        "2023-06-01起满足",
        "只差一条",
    ):
        assert part in short
    assert [c.answer for c in told.conditions] == [True, True, True, False]
    assert told.data()["answer"] == "no"


def test_what_must_not_be_is_demanded_as_a_no(book: Book) -> None:
    told = explain(book, "A1", case(sex="male", birth_date=date(1960, 6, 1), working=True), DAY)
    assert told.single_change is not None
    assert told.single_change.wanted is False
    assert "只差一条：“在业”为否" in told.short()


def test_an_unknown_says_what_to_bring_and_what_does_not_matter(book: Book) -> None:
    told = explain(book, "A1", case(birth_date=date(1963, 6, 1)), DAY)
    assert told.answer is None
    assert {r.fact for r in told.missing} == {"sex"}
    assert told.regardless == (("性别", True),)
    assert "需要身份证" in told.short()
    assert "无论性别为何，都符合" in told.short()


def test_a_household_names_the_member_who_decides(book: Book) -> None:
    home = (Case({"working": True}, "350825", key="李四"), Case({"working": False}, "350825", key="王五"))
    asked = replace(case(since=date(2022, 1, 1)), members=home)
    told = explain(book, "A7", asked, DAY)
    assert told.answer is False
    assert "同户李四" in told.short()
    assert "王五" not in told.short()
    open_home = explain(book, "A7", replace(asked, members=None), DAY)
    assert open_home.answer is None
    assert "同户人员不明" in open_home.short()


def test_presumptions_stale_lists_and_conflicts_are_said(book: Book) -> None:
    sources = {
        ("", "working"): Provenance("insurance_contributions", presumed=True),
        ("", "registered"): Provenance(
            "unemployment_register", "01.xlsx:5", date(2022, 9, 1), stale=True, conflict=True
        ),
    }
    lines = "\n".join(tree_lines(book, explain(book, "A1", case(sex="male"), DAY, sources), sources))
    for part in ("推定", "资料已过期", "与其他资料不一致", "✓ 未就业", "？ 按出生日期满50周岁"):
        assert part in lines


def test_a_rule_not_in_force_says_so(book: Book) -> None:
    told = explain(book, "A1", replace(case(), area="361100"), DAY)
    assert told.answer is False
    assert "没有施行的规定" in told.short()
    nowhere = explain(book, "A1", replace(case(sex="male", birth_date=date(1950, 1, 1)), area=None), DAY)
    assert nowhere.answer is None


@st.composite
def answered(draw: st.DrawFn) -> tuple[Book, list[Case], date]:
    as_of = draw(st.sampled_from(invented.DAYS))
    book, town = draw(invented.books(as_of)), invented.town(as_of, draw(SEEDS), 16)
    return book, list(invented.cases(town).values()), as_of


def again(step: Step, changed: dict[int, bool | None], otherwise: bool) -> bool | None:
    """The answer of the tree when some of its tests come out as given, and all others are unknown (or as they were)."""
    if id(step) in changed:
        return changed[id(step)]
    node = step.node
    if not step.parts or isinstance(node, Holds | Compare | Among | Between):
        return step.answer if otherwise else None
    parts = [again(part, changed, otherwise) for part in step.parts]
    kind = type(node).__name__
    if kind == "And" or (isinstance(node, Members) and node.how == "all"):
        return all_of([*parts, *([None] if isinstance(node, Members) and not step.known else [])])
    if kind == "Or" or (isinstance(node, Members) and node.how == "any"):
        return any_of([*parts, *([None] if isinstance(node, Members) and not step.known else [])])
    if kind == "Not":
        return opposite(parts[0])
    if kind == "Named" and step.version is not None:
        return parts[0]
    return step.answer if otherwise else None


@given(answered())
@calm
def test_the_deciding_tests_alone_give_the_answer(world: tuple[Book, list[Case], date]) -> None:
    book, cases, as_of = world
    walker = Walker(book, as_of)
    for one in cases:
        for name in NAMES:
            step = walker.name(name, one)
            if step.answer is not None and step.version is not None:
                found = deciding(step)
                assert again(step, {id(s): s.answer for s in same(step, found)}, False) is step.answer


@given(answered())
@calm
def test_the_fewest_changes_bring_the_other_answer(world: tuple[Book, list[Case], date]) -> None:
    book, cases, as_of = world
    walker = Walker(book, as_of)
    for one in cases:
        for name in NAMES:
            step = walker.name(name, one)
            target = step.answer is not True
            changes = fewest_changes(step, target)
            assert changes
            if step.version is None or has_count_or_open(step):
                continue
            # a test met twice in a tree may be wanted both ways: then no set of tests can promise the answer
            if consistent(step):
                assert again(step, {id(c.step): c.wanted for c in changes}, True) is target
                fewer = {id(c.step): c.wanted for c in changes[1:]}
                assert again(step, fewer, True) is not target


def leaves(step: Step) -> list[Step]:
    return [step] if not step.parts else [leaf for part in step.parts for leaf in leaves(part)]


def every(step: Step) -> list[Step]:
    return [step, *(s for part in step.parts for s in every(part))]


def same(step: Step, found: tuple[Step, ...]) -> list[Step]:
    """All places in the tree where one of the tests is asked of the same case."""
    keys = {(id(s.case), s.node) for s in found}
    return [s for s in every(step) if (id(s.case), s.node) in keys]


def has_count_or_open(step: Step) -> bool:
    return any(
        (isinstance(s.node, Members) and (s.node.how == "count" or not s.known))
        or (not s.parts and s.version is None and type(s.node).__name__ == "Named")
        for s in every(step)
    )


def consistent(step: Step) -> bool:
    """No test stands in the tree twice."""
    keys = [(id(s.case), s.node) for s in leaves(step)]
    return len(keys) == len(set(keys))


@given(answered())
@calm
def test_time_turns_a_test_on_the_day_foretold_and_not_before(world: tuple[Book, list[Case], date]) -> None:
    book, cases, as_of = world
    for one in cases:
        for step in leaves(Walker(book, as_of).name("R1", one)):
            day = turns_on(step, as_of)
            if day is None or day.year > 2500:
                continue
            for later, same_answer in ((day - timedelta(days=1), True), (day, False)):
                answer = Walker(book, later).node(step.node, step.case).answer
                assert (answer is step.answer) == same_answer


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(answered())
def test_every_answer_can_be_told(world: tuple[Book, list[Case], date]) -> None:
    book, cases, as_of = world
    walker = Walker(book, as_of)
    for one in cases:
        for name in NAMES:
            told = explain(book, name, one, as_of, walker=walker)
            assert told.answer is walker.answer(name, one)
            assert told.short().endswith("。")
            assert told.data()["rule"] == name
            assert tree_lines(book, told)[0][0] in "✓✗？"
