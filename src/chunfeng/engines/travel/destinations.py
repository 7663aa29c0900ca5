"""Where people want to go, as they write it: 回东莞, 深圳龙岗, 浙江义乌那边的厂 → the code of a city or county, six digits.

`read(text, county)` is the definition, `read_column` says the same of a column. A city or province is its code with
zeros behind (350100, 310000). Readings, all tested:

- A city whose name was a county-level city's until the 1990s, of which one district of today has all the land, is that
  district in daily speech: 龙岩 is 新罗, 南平 is 延平, 宁德 is 蕉城 (`reference.regions.former_counties`).
- Town names that workers use like a city's (虎门, 陈埭) are in `town_names.csv`.
- 县城, 本县, 县内 is the county the list comes from.
- Two places that are not one within the other, regions without a code (珠三角) and abroad are null.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path

import polars as pl

from chunfeng.engines.identity import addresses
from chunfeng.engines.identity.text import clean, is_placeholder, read_each
from chunfeng.reference import regions

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {"destination": pl.String}
LONGEST = 60
"""Characters; a longer text is prose, and only its first characters are read."""

_VERBS = re.compile(
    r"^(?:我们?|本人|想|要|准备|打算|计划|可能|继续|还是|仍|再|先|一起|跟老乡|坐车|返岗|返工|返厂|返回|返|前往|去往|去到|去|回到|回|到|往|在|至|赴|"
    r"(?:目的地|地址|地点|工作地)[:：]?)+"
)
_TAIL = re.compile(
    r"(?:那边|那里|这边|方向|地区|一带|附近|市区|城区|市里|打工|上班|务工|工作|做工|的?厂里?|进厂|工地|开店|做生意|站|火车站|高铁站|汽车站)+$"
)
_HERE = re.compile("^(?:县城|城关|县里|县内|本县|我县|本地|家里|本镇|镇上)")
_ABROAD = re.compile("^(?:国外|境外|海外|越南|缅甸|柬埔寨|菲律宾|新加坡|日本|韩国|美国|非洲|省外|外省|外地)")
_BETWEEN = re.compile("[、,，;；/|]|或者|或|和|与|及|转|经|然后|\\s+")


def read(text: str, county: str | None) -> str | None:
    """The six-digit code of a destination; None where none can be told. Never raises.

    `county`: the code of the county the list comes from, where names are sought if they are of no city.
    """
    said = clean(text)[:LONGEST]
    if not said or is_placeholder(said) or _ABROAD.search(said):
        return None
    whole = _one(said.replace(" ", ""), county)
    found = [code for part in _BETWEEN.split(said) if part and (code := _one(part, county))]
    if not found:
        return whole
    if len({code.rstrip("0") for code in found}) == 1:
        return whole or found[0]
    # 福建、泉州、石狮: one within the other, the deepest counts
    deepest = max(found, key=lambda code: len(code.rstrip("0")))
    inside = all(deepest.startswith(_stem(code)) or code.startswith(_stem(deepest)) for code in found)
    return deepest if inside else None


def read_column(values: pl.Series, county: str | None) -> pl.Series:
    """`read` of every text, each distinct one once."""
    return read_each(values, lambda text: {"destination": read(text, county)}, SCHEMA)["destination"]


def of_address(values: pl.Series, county: str | None) -> pl.Series:
    """The county, else city, that a column of addresses or names of firms begins with; null where it is only a province."""
    code = addresses.read_column(values, county)["code"]
    return pl.select(
        pl.when(code.str.len_chars() >= 4).then(code.str.slice(0, 6).str.pad_end(6, "0"))
    ).to_series()


def _one(text: str, county: str | None) -> str | None:
    bare = _VERBS.sub("", text)
    if _HERE.match(bare):
        return county
    for word in dict.fromkeys((bare, _TAIL.sub("", bare))):
        if len(word) < 2:
            continue
        for within in (None, county):
            found = addresses.read(word, within)
            if found.code is not None:
                return _six(found.code, found.remainder)
        known = next((code for name, code in _town_names().items() if word.startswith(name)), None)
        if known is not None:
            return known
    return None


def _six(code: str, remainder: str) -> str:
    if len(code) == 4:
        if (town := next((c for n, c in _town_names().items() if remainder.startswith(n)), None)) and town[
            :4
        ] == code:
            return town
        return _spoken(code) if not remainder.startswith("地区") else code + "00"
    return code[:6].ljust(6, "0")


@cache
def _spoken_cities() -> dict[str, str]:
    """City → the one district that was the county-level city of its name."""
    found: dict[str, str] = {}
    for former in regions.former_counties():
        city = regions.get(former.to[:4])
        if len(former.to) == 6 and not former.split_off and city is not None and former.name == city.name:
            found[city.code] = former.to
    return found


def _spoken(city: str) -> str:
    return _spoken_cities().get(city, city + "00")


def _stem(code: str) -> str:
    """The digits that say something: 350000 → 35, 350100 → 3501. A district may stand for its city."""
    if code in _spoken_cities().values():
        return code[:4]
    return code[:2] if code.endswith("0000") else code[:4] if code.endswith("00") else code


@cache
def _town_names() -> dict[str, str]:
    text = Path(__file__).with_name("town_names.csv").read_text(encoding="utf-8")
    return {row["name"]: row["code"] for row in csv.DictReader(text.splitlines())}
