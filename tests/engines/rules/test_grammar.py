"""What the language reads, and the texts it refuses, each with the place."""

import time
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chunfeng.engines.rules import checks, grammar, sense
from chunfeng.engines.rules.catalogue import Catalogue
from chunfeng.engines.rules.defects import ConditionError
from chunfeng.engines.rules.parameters import Parameter
from chunfeng.engines.rules.records import Book
from chunfeng.engines.rules.tree import And, Members, Node, Not, Or, write
from tests.engines.rules import invented

NAMES = {
    "gate": checks.NameInBook("gate", "共同条件", "person", True, False, frozenset({"registered"})),
    "all_idle": checks.NameInBook("all_idle", "全家无业", "person", True, True),
    "big": checks.NameInBook("big", "大企业", "employer", True),
}
ACCEPTED = [
    "registered",
    "登记失业",
    "NOT registered",
    "gate AND hukou = '城镇'",
    "户籍性质 = 'urban' AND age(出生日期) >= 50",
    "共同条件 OR (NOT working)",
    "registered AND months(since) >= 12",
    "(NOT registered) OR since <= as_of",
    "gate AND since < 基准日",
    "birth_date BETWEEN DATE '1960-01-01' AND DATE '1970-12-31'",
    "hukou IN ('urban', 'rural') AND children != 2",
    "sex NOT IN ('male')",
    "land_left < 0.3",
    "days(birth_date) >= -30",
    "any_member(working AND sex = 'female')",
    "count_members(NOT working) >= 2",
    "age(birth_date) >= :older_male",
    "age(birth_date) >= :男性大龄",
    "((((registered))))",
]
HOSTILE = {
    # injection and other languages
    "registered; DROP TABLE facts": "不认识的字符 ';'",
    "registered OR 1=1 --": "不认识的字符 '-'",
    "registered OR 1=1": "条件要以事实",
    "registered -- 注释": "不认识的字符 '-'",
    "registered /* x */": "不认识的字符 '/'",
    "registered # x": "不认识的字符 '#'",
    "registered OR TRUE": "恒真",
    "registered OR ''=''": "条件要以事实",
    "(SELECT count(*) FROM facts) > 0": "SELECT 不属于",
    "registered AND EXISTS (SELECT 1)": "EXISTS 不属于",
    "read_text('/etc/passwd') = 'x'": "没有函数 read_text",
    "any_value(registered)": "没有函数 any_value",
    "hukou = $$urban$$": "不认识的字符 '$'",
    'hukou = "urban"': "不认识的字符",
    "hukou = 'urban' || 'x'": "不认识的字符",
    "hukou = 'ur'ban'": "不认识的字符",
    "hukou = 'urban' 'rural'": "这里应当结束",
    "hukou = 'urban": "不认识的字符",
    "hukou = 'urban\n'": "不认识的字符",
    "registered\x00": "不认识的字符",
    "\u202eregistered": "不认识的字符",
    "registered::text": "不认识的字符",
    "CAST(children AS text) = '1'": "CAST 不属于",
    "CASE WHEN registered THEN working END": "CASE 不属于",
    "COALESCE(registered, working)": "COALESCE 不属于",
    "substring(hukou) = 'u'": "substring 不属于",
    "hukou LIKE 'u%'": "文字匹配",
    "__import__('os')": "没有函数 __import__",
    "registered AND {{ 7*7 }}": "不认识的字符 '{'",
    # types
    "sex = '1'": "没有值 '1'",
    "sex = 1": "性别 是代码",
    "sex > 'male'": "不分大小",
    "hukou BETWEEN 'rural' AND 'urban'": "不分大小",
    "registered = 1": "本身就是是否",
    "registered = TRUE": "恒真",
    "children": "要与值比较",
    "children = 'two'": "是整数",
    "children = 1.5": "是整数",
    "children >= as_of": "不能与基准日比较",
    "birth_date >= 1970": "是日期",
    "birth_date = '1970-01-01'": "是日期",
    "birth_date >= DATE '1970-02-30'": "没有这一天",
    "birth_date >= DATE '1970-1-1'": "没有这一天",
    "age(children) >= 50": "只用于日期",
    "age(birth_date) >= 50.5": "整数",
    "age(birth_date) >= 500": "超出",
    "age(birth_date)": "之后要有比较",
    "land_left < 0.00001": "位数太多",
    "age(birth_date) >= :share": "参数 share 是小数",
    "sex = :older_male": "不符",
    "children = sex": "右边要是值",
    "1 <= children": "条件要以事实",
    "children + 1 > 2": "不认识的字符 '+'",
    "children - 1 > 2": "不认识的字符 '-'",
    "sex = 'male' = registered": "一次只能比较两项",
    "1 < children < 3": "条件要以事实",
    "children < 3 < 4": "一次只能比较两项",
    "children BETWEEN 3 AND 1": "下限不小于上限",
    "sex IN ()": "右边要是值",
    "sex IN ('male', 'male')": "列了两次",
    "sex IN 'male'": "这里应是",
    # names
    "regisstered": "没有名为 regisstered",
    "gate = 1": "是定义或规则，不能比较",
    "big": "属于 employer",
    "staff > 3": "属于 employer",
    "age(birth_date) >= :nothing": "没有参数 nothing",
    "ｒegistered": "全角",
    "reg\u0456stered": "没有名为",
    # null tests
    "registered = NULL": "没有的事实就是未知",
    "registered IS NULL": "没有的事实就是未知",
    "registered IS NOT NULL": "没有的事实就是未知",
    "registered IS TRUE": "没有的事实就是未知",
    "sex IN ('male', NULL)": "没有的事实就是未知",
    # mixtures
    "registered AND working OR gate": "混用要加括号",
    "registered OR working AND gate": "混用要加括号",
    "NOT registered AND working": "NOT 与 AND、OR 相邻",
    "registered AND NOT working": "NOT 与 AND、OR 相邻",
    "NOT NOT registered": "条件要以事实",
    "registered AND": "条件要以事实",
    "registered working": "这里应当结束",
    "(registered": "这里应是 )",
    "registered)": "这里应当结束",
    "()": "条件要以事实",
    "": "条件是空的",
    # households
    "any_member(any_member(working))": "不能套",
    "any_member(all_idle)": "不能再套",
    "any_member(working) = 1": "本身就是条件",
    "count_members(working)": "之后要有比较",
    "count_members(working) >= -1": "超出",
    "count_members(working) >= 0.5": "整数",
    # guards and repetition
    "months(since) >= 12": "只在 registered 时有意义",
    "registered OR months(since) >= 12": "只在 registered 时有意义",
    "registered AND any_member(since <= as_of)": "只在 registered 时有意义",
    "registered AND registered": "重复",
    "registered OR (NOT registered)": "自相矛盾",
    # full width
    "registered AND （working）": "不认识的字符 '（'",
    "hukou = ‘urban’": "不认识的字符",
    "age(birth_date) ≥ 50": "不认识的字符 '≥'",
    # bombs
    "registered AND " * 5000 + "working": "上限",
    "(" * 3000 + "registered" + ")" * 3000: "上限",
    "(" * 30 + "registered" + ")" * 30: "层",
    "NOT (" * 30 + "registered" + ")" * 30: "层",
    "x" * 3000: "名称长",
    "children = " + "9" * 100: "数字太长",
    "sex IN (" + ", ".join(["'male'"] * 150) + ")": "超过 100 项",
}


@pytest.fixture(scope="module")
def scope(catalogue: Catalogue, book: Book) -> checks.Scope:
    share = Parameter("share", "比例", "share", "decimal", "", ())
    return checks.Scope(catalogue, {**book.parameters, "share": share}, NAMES, "person")


def read(text: str, scope: checks.Scope) -> Node:
    return checks.check(grammar.parse(text), scope)


@pytest.mark.parametrize("text", ACCEPTED)
def test_accepted(text: str, scope: checks.Scope) -> None:
    tree = read(text, scope)
    assert read(write(tree), scope) == tree


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:40])
def test_refused_with_the_place_and_the_mend(text: str, scope: checks.Scope) -> None:
    started = time.perf_counter()
    with pytest.raises(ConditionError) as caught:
        read(text, scope)
    assert HOSTILE[text] in str(caught.value)
    assert f"第{caught.value.at}字" in str(caught.value)
    assert 1 <= caught.value.at <= len(text) + 1
    assert caught.value.mend
    assert time.perf_counter() - started < 2


def test_at_least_forty_texts_are_refused() -> None:
    assert len(HOSTILE) >= 40


def test_the_place_is_the_character_that_cannot_stand_there(scope: checks.Scope) -> None:
    with pytest.raises(ConditionError) as caught:
        read("registered AND 性别 = 'man'", scope)
    assert caught.value.at == len("registered AND 性别 = ") + 1
    with pytest.raises(ConditionError, match="是否指 registered"):
        read("registred", scope)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("sex = 'male' OR sex = 'female'", "永远成立"),
        ("sex IN ('male', 'female')", "永远成立"),
        ("children >= 1 OR children < 3", "永远成立"),
        ("age(birth_date) >= 40 OR age(birth_date) < 50", "永远成立"),
        ("age(birth_date) >= :older_male OR age(birth_date) < :older_male", "永远成立"),
        ("land_left < 0.3 OR land_left >= 0.3", "永远成立"),
        ("(registered AND working) OR (NOT registered) OR (NOT working)", "永远成立"),
        ("count_members(working) >= 0", "什么都不知道时条件已经成立"),
        ("registered OR count_members(working) >= 0", "什么都不知道时条件已经成立"),
        ("count_members(working) < 0", "什么都不知道时条件已经不成立"),
        ("children > 3 AND children < 2", "永远不成立"),
        ("children > 2 AND children < 3", "永远不成立"),
        ("sex = 'male' AND gate AND sex = 'female'", "永远不成立"),
        ("birth_date > as_of AND age(birth_date) >= 1", "永远不成立"),
        ("registered AND (working AND (NOT registered))", "永远不成立"),
    ],
)
def test_what_cannot_fail_or_cannot_be_met_is_refused(
    text: str, what: str, scope: checks.Scope, book: Book
) -> None:
    day = date(2023, 1, 15)
    fault = sense.fault(
        read(text, scope), scope.catalogue, lambda name: None, lambda name: book.value(name, "35", day), day
    )
    assert fault is not None
    assert what in fault[0]


@pytest.mark.parametrize("text", ACCEPTED)
def test_what_can_be_met_and_can_fail_is_kept(text: str, scope: checks.Scope) -> None:
    tree = read(text, scope)
    expected = "永远成立" if text.startswith("hukou IN ('urban', 'rural')") and "AND" not in text else None
    assert (
        sense.fault(tree, scope.catalogue, lambda name: None, lambda name: None, date(2023, 1, 15))
        is expected
    )


@settings(max_examples=150, suppress_health_check=list(HealthCheck), deadline=None)
@given(st.data())
def test_what_is_written_is_read_again(data: st.DataObject) -> None:
    """A tree as text gives the same tree; nothing of it is lost or regrouped."""
    day = invented.DAYS[0]
    tree = data.draw(invented.trees("person", day, ("first",), True))
    named = {"first": checks.NameInBook("first", "第一", "person", True)}
    scope = checks.Scope(invented.CATALOGUE, data.draw(invented.parameters(day)), named, "person")
    refused, again = None, None
    try:
        again = read(write(tree), scope)
    except ConditionError as error:
        refused = str(error)
    if refused is None:
        assert again == flat(tree)
    else:
        # what a tree can hold and the language refuses: said twice, ends turned round, figures out of range, too deep
        assert any(word in refused for word in ("重复", "下限", "超出", "层"))


def flat(node: Node) -> Node:
    """AND within AND is one AND."""
    if isinstance(node, And | Or):
        parts = [flat(part) for part in node.parts]
        one = tuple(p for part in parts for p in (part.parts if type(part) is type(node) else (part,)))
        return type(node)(one)
    if isinstance(node, Not):
        return Not(flat(node.part))
    return replace(node, part=flat(node.part)) if isinstance(node, Members) else node


@settings(max_examples=300, deadline=None)
@given(
    st.text(max_size=200)
    | st.lists(st.sampled_from("( ) AND OR NOT IN BETWEEN , = >= :p 'x' 1 a age any_member".split())).map(
        " ".join
    )
)
def test_no_text_does_anything_but_parse_or_be_refused(text: str) -> None:
    place = 1
    try:
        grammar.parse(text)
    except ConditionError as error:
        place = error.at
    assert 1 <= place <= len(text) + 1
