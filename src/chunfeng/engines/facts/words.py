"""How clerks write what a person does, can and wants: words of visit forms and remarks, read the same for every list.

Ordered: the first that fits says it, so that 没上班 is not 上班 and 去世 on a labour form is no job.
"""

from __future__ import annotations

import re
from functools import lru_cache

import polars as pl

from chunfeng.engines.identity import addresses, numerals
from chunfeng.reference import regions

_NOT = "(?:没有?|未|不|暂不|无)(?:在|去|再|曾)?(?:做工|打工|务工|上班|工作|就业|做事|做活|干活|外出|出去做)"
DOING: tuple[tuple[str, str], ...] = (
    ("dead", "去世|已故|过世|死亡|亡故|病故|逝世|不在世"),
    ("lost", "联系不上|无法联系|联系不到|失联|失去联系|不知去向|下落不明|去向不明|去向不清|查无此人"),
    ("prison", "服刑|坐牢|监狱|羁押|看守所"),
    ("army", "参军|当兵|服兵役|入伍|部队"),
    ("unable", "丧失劳动|无劳动能力|没有劳动能力|瘫痪|卧床|植物人"),
    ("idle", f"{_NOT}|没事做|没活干|没有事做|待就业|厂关|关厂|厂倒|倒闭|停产|无业|失业|待业|下岗|"
             ""
             "赋闲|闲在家|找工作|求职|待岗"),
    ("pupil", "读书|上学|在读|在校|学生|就读|念书|读大学|读研|读高中|读初中|读小学|读中专|读技校|备考|复读|考研|幼儿|学龄前"),
    ("retired", "退休|养老(?!院)|年老|年迈|高龄"),
    ("post", "公益岗|公益性岗位|公岗|村里保洁|护林员|生态岗"),
    ("farming", "务农|种田|种地|种烟|种菜|种果|种茶|种植|养殖|养猪|养鸡|养鸭|养鱼|耕作|耕田|农活|干农|做农|烟农|茶农|果农|在家农"),
    ("flexible", "灵活就业|零工|散工|自由职业|生意|摆摊|摩的|摩托车载客|跑运输|跑车|网约车|滴滴|外卖|快递员|个体|开店|"
                 "网店|开饭店|经营|自营|"
                 "自己干|自己做|创业|直播带货|手艺活|短工"),
    ("working", "务工|打工|上班|做工|帮工|有工资|在职|在岗|在业|已就业|县内就业|本地就业|省内就业|省外就业|外地就业|就近就业|"
                "稳定就业|就业中|在工业园|在工地|"
                "在厂|进厂|厂|车间|针车|加工|公司|企业|事业单位|机关|教师|公务员|工人|职工|员工|保安|保洁|店员|收银|服务员|司机|护士|医生|会计|工作"),
    ("away", "外出|在外|出门在外|出远门|出国"),
    ("idle", "家务|带小孩|带孩子|带孙|照顾|照看|看小孩|身体不好|生病|养病|治病|患病|休养|待产|怀孕|坐月子|哺乳|主妇"),
)  # fmt: skip
"""What a person does, by words, in order. `away`: from home; whether for work is a reading of the catalogue."""
NEUTRAL = (
    r"^(?:在家|家里|家中|在村|在村里|不在家|不在|无|暂无|没有?|不详|不清楚|不便说|[（(]不便说[）)]|其他|其它|是|否"
    r"|[/\-—、.0-9A-Z]*)$"
)
"""Words on a form that say nothing of work."""
_HOME_AGAIN = re.compile("腊月回|已回|返乡|回乡|回来过年|回家过年|回来了|已返|在家过年|回老家")
_TAIL = re.compile(r"[（(，,；;。\s].*$")
_AT = re.compile(r"^(?:现在|目前|人)?(?:在|去|到|往)?")
_COUNTIES = ("province", "city", "county")
_SAME_COUNTY = re.compile("本县|县内|县里|县城|本镇|镇上|本乡|本村|村里|附近|家门口|本地|工业园|园区")
_PROVINCE = re.compile("省内|本省|福建")
_ABROAD = re.compile("省外|外省|国外|境外|出国")

CAPACITY: tuple[tuple[str, str], ...] = (
    ("open", "待鉴定|待评定|鉴定中|未鉴定|尚未鉴定|申请鉴定"),
    ("yes", "未丧失|没有丧失|未完全丧失|部分丧失|未达到丧失|有劳动能力|具备劳动能力|具有劳动能力|"
            "(?:普通|技能|弱|半|全|强|壮|正常)劳动?力|有劳力"),
    ("no", "丧失劳动|丧失劳力|无劳动能力|没有劳动能力|不具备劳动能力|不具有劳动能力|劳动能力完全丧失|无劳力"),
    ("open", "无劳动力"),
)  # fmt: skip
"""Whether a person can work. 无劳动力 in the poverty register is a child, an old person or one who cannot: left open."""


def capacity(text: str) -> pl.Expr:
    """Able to work, by the words of a column: null where they leave it open or say nothing."""
    said = pl.col(text)
    found = pl.lit(None, dtype=pl.Boolean)
    for verdict, words in reversed(CAPACITY):
        found = (
            pl.when(said.str.contains(words))
            .then(pl.lit({"yes": True, "no": False}.get(verdict)))
            .otherwise(found)
        )
    return found


def number_word(values: pl.Series) -> pl.Series:
    """Small counts as written, in digits or Chinese: Int64, null where unreadable."""
    known = {word: _count(word) for word in values.drop_nulls().unique()}
    return values.replace_strict(known, default=None, return_dtype=pl.Int64)


def _count(word: str) -> int | None:
    number = numerals.read_number(word)
    return int(number[0]) if number is not None and number[0] < 1000 else None


@lru_cache(maxsize=65536)
def _doing(text: str, county: str) -> tuple[str | None, str | None, bool]:
    """(what the person does, code of the place it is done at, home again) as a visit wrote it."""
    found = next((state for state, words in DOING if re.search(words, text)), None)
    place = _place(text, county)
    if found is None and place is not None and not place.startswith(county):
        found = "away"
    return found, place, bool(_HOME_AGAIN.search(text))


def _place(text: str, county: str) -> str | None:
    if _ABROAD.search(text):
        return "00"  # some other province or country
    bare = _AT.sub("", _TAIL.sub("", text))
    inner = re.search("[（(]([^）)]*)[）)]", text)
    words = [bare, re.sub("(?:打工|务工|上班|做工|工作|外出|在外|去|到|经商|创业)+", "", bare)]
    for word in [*([inner.group(1)] if inner else []), *words]:
        if 2 <= len(word) <= 12 and (code := _region(word)) is not None:
            return code
    if _SAME_COUNTY.search(text):
        return county or None
    return "35" if _PROVINCE.search(text) else None


def _region(word: str) -> str | None:
    """Code of a province, city or county called so; null where several are, or none."""
    found = [r for r in regions.by_name(word) if r.level in _COUNTIES]
    if len(found) == 1:
        return found[0].code
    code = addresses.read(word).code if len(found) == 0 else None
    return code if code is not None and len(code) <= 6 else None


def doing(values: pl.Series, county: str | None) -> pl.DataFrame:
    """What each text says a person does: doing, place (code, 00 for some other province), home_again; one row per value.

    Only distinct texts are looked at.
    """
    distinct = values.drop_nulls().unique().sort()
    read = [_doing(text, county or "") for text in distinct]
    table = pl.DataFrame(
        {"text": distinct, "doing": [r[0] for r in read], "place": [r[1] for r in read], "home_again": [r[2] for r in read]},
        schema={"text": pl.String, "doing": pl.String, "place": pl.String, "home_again": pl.Boolean},
    )  # fmt: skip
    return values.to_frame("text").join(table, on="text", how="left", maintain_order="left").drop("text")
