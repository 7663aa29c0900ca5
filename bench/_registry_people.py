"""An invented people for the measurement of linkage: households in lineage villages, their names, numbers, telephones.

Men of a lineage share a surname and often a generation's character; numbers were issued in other counties or under
codes abolished since; some telephones are a whole household's. Nothing is taken from a real person: names are drawn
from lists of characters, telephones from prefixes that are not given out.
"""

from __future__ import annotations

import random
from functools import cache
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from chunfeng.reference import regions

SURNAMES = "陈林黄张吴李王郑刘杨蔡叶许苏谢郭周江罗曾徐何朱邱赖翁廖洪余卢游方潘庄柯施傅沈魏胡肖邓范薛曹阮彭吕高詹孙赵连池汤董丁马简"
_SHARES = (
    11.4, 9.4, 5.5, 4.5, 4.3, 4.2, 3.7, 3.0, 2.6, 2.3, 1.9, 1.7, 1.6, 1.4, 1.3, 1.2, 1.1, 1.1, 1.0, 1.0, 1.0, 0.9, 0.9, 0.9, 0.8,
)  # fmt: skip
"""Per cent of the first ones in the order of SURNAMES, roughly as in Fujian; the others 0.5 each."""
MEN = (
    "明建国文华志伟德金清荣林强军平福生辉成水东海永春光俊松庆民龙义忠祥良亮新宏峰勇杰超鹏飞斌兴发财旺根木火土天仁炳进添顺"
    "安宝贵全达昌盛耀宗培裕泽锦坤仲绍世启传先秀玉振家学礼孝信友元亨利贞景和如一立正道宁健康涛波浩然宇轩梓浚毅刚诚铭鑫淼磊"
    "钦凯晨阳旭晖晓煌煜炎焕灿钟铨钊镇沛渊源泉江河湖洪深济汉沧润滨洋"
)
WOMEN = (
    "秀玉英美华丽珍金兰芳娟燕红梅莲琴香凤桂珠娥春花月清惠淑贞云霞萍玲敏静雪莉娜婷艳青翠碧银彩凰素菊荷蓉薇茹蕾芬芝莺燕妹娇"
    "巧宝爱喜连水冬秋夏雅倩颖琳瑶琼瑜瑾欣怡悦思雨梦佳嘉佩宜宁晓小心语诗涵梓萱紫珊珮琪璇妍妙婉婕嫣嬿媛岚岩丹彤晴晶晓旭阳"
    "冰洁清滢洪波润沁汐淇溪"
)
_PREFIXES = np.array([154, 160, 161, 163, 164, 168, 169, 194], dtype=np.int64)
"""Mobile prefixes that no operator gives out."""
_LINEAGES = 3
_FIRST, _LAST = np.datetime64("1926-01-01"), np.datetime64("2022-12-31")
Ints = NDArray[np.int64]
"""Indexes, codes, numbers."""


def people_of(count: int, rng: np.random.Generator) -> pl.DataFrame:
    """`count` persons: id17, name, man, born (Date), region, household, phone (null if none known)."""
    size = count // 3 + 60
    village = _villages(size, count, rng)
    lineage = _lineages(int(village.max()) + 1, rng)
    head_man = rng.random(size) < 0.85
    of_lineage = np.minimum(rng.integers(0, _LINEAGES * 2, size), _LINEAGES)  # half of the households
    surname = np.where(of_lineage < _LINEAGES, lineage[village, of_lineage % _LINEAGES], _surname(size, rng))
    born = (_FIRST + 365 * 10 + rng.integers(0, 365 * 56, size)).astype("datetime64[D]")
    homes = np.arange(size)
    parts = [(homes, surname, head_man, born)]
    wed = homes[rng.random(size) < 0.8]
    parts.append(
        (wed, _surname(len(wed), rng), ~head_man[wed], born[wed] + rng.integers(-1500, 2600, len(wed)))
    )
    children = np.repeat(homes, np.minimum(rng.poisson(1.5, size), 4))
    age = rng.integers(20 * 365, 37 * 365, len(children))
    twin = rng.random(len(children)) < 0.01  # a twin is born with the child before
    age[1:] = np.where(twin[1:] & (children[1:] == children[:-1]), age[:-1], age[1:])
    parts.append((children, surname[children], rng.random(len(children)) < 0.52, born[children] + age))
    old = homes[rng.random(size) < 0.3]
    father = rng.random(len(old)) < 0.4
    parts.append((old, np.where(father, surname[old], _surname(len(old), rng)), father, born[old] - rng.integers(19 * 365, 36 * 365, len(old))))  # fmt: skip
    home, name, man, day = (np.concatenate([p[i] for p in parts]) for i in range(4))
    alive = (day >= _FIRST) & (day <= _LAST)
    chosen = np.flatnonzero(alive)
    if len(chosen) < count:
        raise ValueError("too few persons were made")  # the sizes above leave a tenth to spare
    chosen = np.sort(rng.permutation(chosen)[:count])
    home, name, man, day = home[chosen], name[chosen], man[chosen], day[chosen]
    at = village[home]
    code = pl.Series(_places(count))[at]
    frame = pl.DataFrame({"home": home, "man": man, "born": day.astype("datetime64[D]")}).with_columns(
        pl.Series("name", _names(name, at, man, day, lineage, rng)), code.alias("region")
    )
    return frame.with_columns(
        pl.Series("id17", _numbers(frame, rng)),
        pl.Series("phone", _phones(home, rng)),
        pl.format("#{}", "home").alias("household"),
    )


@cache
def _places(count: int) -> list[str]:
    """Whole towns' villages, one per 400 persons or so, spread over the counties."""
    towns = sorted({r.parent for r in regions.fujian() if r.level == "village" and r.parent})
    random.Random(len(towns)).shuffle(towns)
    found: list[str] = []
    for town in towns:
        found += [village.code for village in regions.children(town)]
        if len(found) >= count // 400 + 1:
            break
    return found


def _villages(size: int, count: int, rng: np.random.Generator) -> Ints:
    weights = rng.gamma(2.0, 1.0, len(_places(count)))
    return rng.choice(len(weights), size, p=weights / weights.sum()).astype(np.int64)


@cache
def _surname_shares() -> NDArray[np.float64]:
    shares = np.array([*_SHARES, *[0.5] * (len(SURNAMES) - len(_SHARES))])
    return shares / shares.sum()


def _surname(count: int, rng: np.random.Generator) -> Ints:
    return rng.choice(len(SURNAMES), count, p=_surname_shares()).astype(np.int64)


def _lineages(villages: int, rng: np.random.Generator) -> Ints:
    flat = np.sqrt(_surname_shares())  # small surnames have villages of their own, too
    chosen = rng.choice(len(flat), villages * _LINEAGES, p=flat / flat.sum())
    return chosen.astype(np.int64).reshape(villages, _LINEAGES)


def _zipf(pool: str, count: int, rng: np.random.Generator) -> Ints:
    weights = 1 / (np.arange(len(pool)) + 25.0) ** 0.8
    return rng.choice(len(pool), count, p=weights / weights.sum()).astype(np.int64)


def _names(
    surname: Ints, village: Ints, man: Any, day: Any, lineage: Ints, rng: np.random.Generator
) -> list[str]:
    """Men of a lineage in one generation often share the first character of their given names."""
    count = len(surname)
    first = np.where(man, _zipf(MEN, count, rng), _zipf(WOMEN, count, rng))
    second = np.where(man, _zipf(MEN, count, rng), _zipf(WOMEN, count, rng))
    generation = (day.astype("datetime64[Y]").astype(np.int64) + 1970) // 25
    native = (lineage[village] == surname[:, None]).any(axis=1)
    shared = man & native & (rng.random(count) < 0.3)
    first = np.where(shared, (village // 4 * 31 + surname * 7 + generation * 13) % len(MEN), first)
    two = rng.random(count) < 0.82
    made = []
    for s, a, b, is_man, both in zip(surname.tolist(), first.tolist(), second.tolist(), man.tolist(), two.tolist(), strict=True):  # fmt: skip
        pool = MEN if is_man else WOMEN
        made.append(SURNAMES[s] + (pool[a] if both else "") + pool[b])
    return made


def _numbers(people: pl.DataFrame, rng: np.random.Generator) -> Ints:
    """First 17 digits: three in four from the county of today or its abolished code, the others from elsewhere."""
    county = people["region"].str.slice(0, 6).cast(pl.Int64).to_numpy()
    former = {f.to: (int(f.code), f.year) for f in regions.former_counties()}
    year = people["born"].dt.year().to_numpy()
    code, until = (
        people["region"].str.slice(0, 6).replace_strict({k: v[i] for k, v in former.items()}, default=0, return_dtype=pl.Int64).to_numpy()
        for i in range(2)
    )  # fmt: skip
    elsewhere = np.array([int(r.code) for r in regions.china() if r.level == "county"], dtype=np.int64)
    at = np.where((code > 0) & (year < until), code, county)
    at = np.where(rng.random(len(at)) < 0.75, at, rng.choice(county, len(at)))
    at = np.where(rng.random(len(at)) < 0.05, rng.choice(elsewhere, len(at)), at)
    day = people["born"].dt.strftime("%Y%m%d").cast(pl.Int64).to_numpy()
    odd = people["man"].cast(pl.Int64).to_numpy()
    numbers = np.zeros(len(at), dtype=np.int64)
    left = np.arange(len(at))
    while len(left):
        pair = rng.integers(1, 500, len(left))
        pair += pair % 50 == 0  # a number that ends in 000 is read as cut by a spreadsheet, rightly
        numbers[left] = at[left] * 10**11 + day[left] * 1000 + pair * 2 + odd[left]
        _, seen = np.unique(numbers, return_index=True)
        left = np.setdiff1d(np.arange(len(at)), seen)
    return numbers


def _phones(home: Ints, rng: np.random.Generator) -> list[str | None]:
    """Six in ten have their own, most others bear one of the household's, one in twenty none."""
    kind = rng.random(len(home))
    own, shared = phone_numbers(len(home), rng), phone_numbers(int(home.max()) + 1, rng)
    numbers = np.where(kind < 0.6, own, shared[home])
    return [str(n) if k < 0.95 else None for n, k in zip(numbers.tolist(), kind.tolist(), strict=True)]


def phone_numbers(count: int, rng: np.random.Generator) -> Ints:
    """Mobile numbers nobody has."""
    return rng.choice(_PREFIXES, count) * 10**8 + rng.integers(0, 10**8, count)
