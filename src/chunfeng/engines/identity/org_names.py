"""Names of employers as typed, reduced to what tells one employer from another.

`key` is for comparing: NFKC, standard characters, blanks and punctuation off, the region in front taken off
(`region_words`), the company's legal form taken off (`form`; 有限公司, 有限责任公司 and a mere 公司 are
written for each other), workshops and branches kept at the end (`branch`). 店, 厂, 超市, 合作社 stay: they
are part of what it is called. Where only a trade would remain (厦门航空 → 航空), and for public bodies
(连城县医院), the region stays in front in its short form.

`key` is null for placeholders and for words of having no employer (务农, 灵活就业).
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from functools import lru_cache

import polars as pl

from chunfeng.engines.identity.han import HAN, simplify
from chunfeng.engines.identity.numerals import read_number
from chunfeng.engines.identity.text import clean, is_placeholder, read_each
from chunfeng.reference import regions

KINDS = ("ok", "no_employer", "placeholder", "not_name")
FORMS = ("company", "joint_stock", "group", "cooperative", "partnership", "sole_trader")
FIELDS = ("kind", "key", "core", "region_words", "form", "branch", "note")
SCHEMA = dict.fromkeys(FIELDS, pl.String)

LONGEST = 120
"""Characters; a longer text is prose, and is not searched."""

_NO_EMPLOYER = frozenset(
    "无单位 无固定单位 没单位 个体 个体户 个体工商户 自由职业 自由职业者 灵活就业 灵活就业人员 务农 种田 "
    "在家 在家务农 待业 无业 失业 打零工 零工 "
    "散工 打工 务工 外出务工 自主创业 自营 个人 退休 学生".split()
)
_COMPANY = "(?:集团)?(?:股份)?有限(?:责任)?公司|集团公司|总公司|(?<![分支子])公司"
_HEAD_AND_TAIL = re.compile(rf"^(?P<head>.+?)(?P<form>{_COMPANY})(?P<tail>.*)$")
_PLAIN_FORMS = (
    (re.compile("(?:农民)?专业合作社联合社$"), "合作社联合社", "cooperative"),
    (re.compile("(?:农民)?专业合作社$"), "合作社", "cooperative"),
    (re.compile("合作社$"), "合作社", "cooperative"),
    (re.compile("集团$"), "", "group"),
)
_BRACKET_FORMS = {
    "有限合伙": "partnership",
    "普通合伙": "partnership",
    "特殊普通合伙": "partnership",
    "个体工商户": "sole_trader",
    "个体户": "sole_trader",
    "个体": "sole_trader",
    "集团": "group",
}
_BRANCH_WORD = (
    "分公司|支公司|子公司|分厂|分店|分行|支行|营业部|办事处|项目部|车间|工区"
    "|门市部|门店|厂区|分部|生产部|基地|班组"
)
_BRANCH = re.compile(
    rf"(?:第?[0-9一二三四五六七八九十]+号?)?(?:{_BRANCH_WORD})$|[一二三四五六七八九十0-9]+[厂店部]$"
)
_BRACKETS = re.compile(r"[(\[【<《{「]([^()\[\]【】<>《》{}「」]*)[)\]】>》}」]?")
_ORDINAL = re.compile(rf"第?([一二三四五六七八九十]{{1,3}}|[0-9]+)号?(?=(?:{_BRANCH_WORD}|[厂店部]$))")
_PUBLIC = re.compile("(?:局|政府|医院|卫生院|法院|检察院|小学|中学|大学|学院|幼儿园|敬老院|福利院)$")
# Trades and products, the longer word before the shorter. A registered name is region, its own word (字号),
# trade, form (企业名称登记管理规定, art. 6): where only a trade follows, 嘉兴 is no city but the firm's own
# word.
_TRADES = (
    "鞋 服饰 服装 制衣 纺织 针织 皮革 箱包 食品 饮料 茶叶 茶 粮油 餐饮 酒店 "
    "宾馆 酒楼 管理 电子 科技 信息 网络 软件 光电 新材料 材料 新能源 能源 机械 "
    "制造 机电 设备 五金 模具 汽车 配件 运输 物流 快递 货运 建筑 工程 建设 建材 "
    "装饰 装修 市政 园林 绿化 房地产 开发 物业 服务 家政 保洁 保安 劳务 派遣 "
    "人力资源 咨询 教育 培训 医药 医疗 器械 药 化工 塑料 塑胶 橡胶 包装 印刷 纸 "
    "竹木 竹 木 制品 工艺品 家具 家居 陶瓷 石材 石 矿 水泥 混凝土 钢铁 金属 铝 "
    "农业 农牧 养殖 种植 生态 林 水产 畜牧 发展 投资 贸易 商贸 进出口 实业 工业 "
    "超市 商行 经营 百货 零售 店 厂 部 专业 合作社 文化 传媒 广告 旅游 旅行社 "
    "电力 电器 照明 电池 锂 环保 环境 生物 技术 日用品 玩具 眼镜 珠宝 门窗 卫浴 "
    "集团 航空 保险 银行 医院 业 和 "
).split()
# possessive: 竹木竹木… must not try every split
_TRADE = re.compile(f"(?:{'|'.join(_TRADES)})++")
_NOISE = re.compile(rf"[^{HAN}0-9A-Za-z&+]")
_SPOKEN = (("村民委员会", "村委会"), ("居民委员会", "居委会"))


@dataclass(frozen=True, slots=True)
class OrgName:
    """One cell; see the module. `region_words` as written, joined; `note` is other text in brackets."""

    kind: str | None
    key: str | None = None
    core: str | None = None
    region_words: str | None = None
    form: str | None = None
    branch: str | None = None
    note: str | None = None


@lru_cache(maxsize=1)
def _region_names() -> dict[str, tuple[tuple[str, bool], ...]]:
    """First two letters → (name of a region, is it a short form), longest first.

    Short forms (连城) are taken for Fujian, for provinces and for cities; a county elsewhere must be
    written in full.
    """
    found: dict[str, set[tuple[str, bool]]] = {}
    for region in (*regions.china(), *regions.fujian()):
        if len(region.code) > 6 or regions.is_placeholder(region):
            continue
        near = len(region.code) <= 4 or region.code.startswith("35")
        short = regions.short_name(region)
        for name, is_short in ((region.name, False), *(((short, True),) if near else ())):
            if len(name) >= 2 and not (is_short and name == region.name):
                found.setdefault(name[:2], set()).add((name, is_short))
    return {start: tuple(sorted(names, key=lambda name: -len(name[0]))) for start, names in found.items()}


@lru_cache(maxsize=4096)
def _codes(word: str) -> tuple[str, ...]:
    return tuple(region.code for region in regions.by_name(word) if len(region.code) <= 6)


def _below(upper: str, lower: str) -> bool:
    """May `lower` stand behind `upper` in an address? 龙岩 连城 yes, 连城 福安 no."""
    return any(one.startswith(other) for one in _codes(lower) for other in _codes(upper))


def _split_region(name: str) -> tuple[list[str], str]:
    """(region words in front, the rest). A short form is taken as first word or below the one before."""
    words: list[str] = []
    while True:
        for word, is_short in _region_names().get(name[:2], ()):
            if not name.startswith(word) or len(name) == len(word):
                continue
            if is_short:
                fits = not words or _below(words[-1], word)
                fits = fits and not _TRADE.fullmatch(_form(name[len(word) :])[0])
            else:
                fits = not words or word != words[-1]
            if fits:
                words.append(word)
                name = name[len(word) :]
                break
        else:
            return words, name


def _short(word: str) -> str:
    codes = _codes(word)
    region = regions.get(codes[0]) if codes else None
    return regions.short_name(region) if region is not None else word


def _ordinal(match: re.Match[str]) -> str:
    number = read_number(match[1])
    return str(number[0]) if number is not None and number[0] == number[1] else match[1]


def _brackets(text: str) -> tuple[str, list[str], list[str], list[str], str | None]:
    """(text without brackets, region words, branches, notes, form) by what the brackets hold."""
    region_words: list[str] = []
    branches: list[str] = []
    notes: list[str] = []
    form: str | None = None
    for content in _BRACKETS.findall(text):
        inner = _NOISE.sub("", content)
        words, rest = _split_region(inner + "。")
        if not inner:
            continue
        if inner in _BRACKET_FORMS:
            form = _BRACKET_FORMS[inner]
        elif words and rest == "。":
            region_words += words
        elif _BRANCH.search(inner):
            branches.append(inner)
        else:
            notes.append(content.strip())
    return _NOISE.sub("", _BRACKETS.sub("", text)), region_words, branches, notes, form


def _form(name: str) -> tuple[str, str | None, str]:
    """(name without its company form, the form, what stands behind it)."""
    match = _HEAD_AND_TAIL.match(name)
    if match is not None:
        form = "joint_stock" if "股份" in match["form"] else "group" if "集团" in match["form"] else "company"
        return match["head"], form, match["tail"]
    for pattern, spoken, form in _PLAIN_FORMS:
        if pattern.search(name) and pattern.sub("", name):
            return pattern.sub("", name) + spoken, form, ""
    branch = _BRANCH.search(name)
    if branch is not None and branch.start() >= 2:
        return name[: branch.start()], None, branch[0]
    return name, None, ""


def read(text: str) -> OrgName:
    """The employer a text names. Never raises; a blank text has kind None."""
    cleaned = simplify(clean(text))
    if not cleaned:
        return OrgName(None)
    if is_placeholder(cleaned):
        return OrgName("placeholder")
    if len(cleaned) > LONGEST:
        return OrgName("not_name")
    bare, bracketed, branches, notes, bracket_form = _brackets(cleaned)
    if bare in _NO_EMPLOYER:
        return OrgName("no_employer", note=bare)
    if not re.search(f"[{HAN}A-Za-z]", bare) or _codes(bare) or re.fullmatch(_COMPANY, bare):
        return OrgName("not_name")
    words, rest = _split_region(bare)
    core, form, tail = _form(rest)
    for written, spoken in _SPOKEN:
        core = core.replace(written, spoken)
    core = core.upper()
    branch = "".join(_ORDINAL.sub(_ordinal, part) for part in (tail, *branches) if part)
    region_words = words + bracketed
    front = (
        _short(region_words[-1]) if region_words and (_TRADE.fullmatch(core) or _PUBLIC.search(core)) else ""
    )
    return OrgName(
        kind="ok",
        key=front + core + branch,
        core=core,
        region_words="".join(region_words) or None,
        form=form or bracket_form,
        branch=branch or None,
        note=";".join(notes) or None,
    )


def read_column(values: pl.Series) -> pl.DataFrame:
    """`read` of every value: columns of FIELDS (String). Blank → nulls. Each distinct text is read once."""
    return read_each(values, lambda text: asdict(read(text)), SCHEMA)
