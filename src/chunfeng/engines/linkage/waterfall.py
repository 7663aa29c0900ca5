"""A score in words: which evidence spoke for a pair, which against, and by how much."""

from __future__ import annotations

import polars as pl

from chunfeng.engines.linkage.agreement import BIRTH, NAME

_WORDS: dict[str, dict[int, str]] = {
    "name": {
        NAME.EXACT: "姓名相同", NAME.VARIANT: "姓名为异体写法", NAME.SOUND: "姓名同音", NAME.ACCENT: "姓名方音相近",
        NAME.ONE_OFF: "姓名差一字", NAME.NICKNAME: "小名或部分姓名吻合", NAME.SURNAME: "仅同姓", NAME.OTHER: "姓名不同",
    },
    "birth": {
        BIRTH.EXACT: "出生日期相同", BIRTH.PARTLY: "已填的出生年月相符", BIRTH.LUNAR: "出生日期相差十五至五十五天（疑为农历）",
        BIRTH.ONE_PART: "出生日期差一项", BIRTH.NEAR: "出生年份相近", BIRTH.OTHER: "出生日期不同",
    },
    "age": {0: "年龄相符", 1: "年龄差两三岁", 2: "年龄不符"},
    "sex": {0: "性别相同", 1: "性别不同"},
    "phone": {0: "电话相同", 1: "电话不同"},
    "region": {0: "同村", 1: "同乡镇", 2: "同县不同乡镇", 3: "不在一县"},
    "household": {0: "与同户人员列在一起", 1: "不在同户"},
    "employer": {0: "同一单位", 1: "单位不同"},
}  # fmt: skip
_NUMBER = {
    "verified": "证号为此人的（但姓名不同）", "known15": "证号前15位相同", "slip": "证号只差一处", "prefix": "证号可见部分相符",
    "against": "证号不符",
}  # fmt: skip


def in_words(scored: pl.DataFrame) -> pl.Series:
    """One sentence per row of `weights.score`: evidence with its bits, strongest parts as they come, what is equal first."""
    pieces = [_part(part, words) for part, words in _WORDS.items()]
    number = pl.col("number").replace_strict(_NUMBER, default=None, return_dtype=pl.String)
    pieces.append(pl.concat_str([number, _signed("bits_number")]))
    return scored.select(pl.concat_str(pieces, separator="；", ignore_nulls=True).alias("words"))["words"]


def _part(part: str, words: dict[int, str]) -> pl.Expr:
    said = (
        pl.col(f"{part}_level")
        .cast(pl.Int64)
        .replace_strict({int(k): v for k, v in words.items()}, default=None, return_dtype=pl.String)
    )
    return pl.concat_str([said, _signed(f"bits_{part}")])


def _signed(column: str) -> pl.Expr:
    value = pl.col(column).round(1)
    return pl.when(value >= 0).then(pl.lit(" +")).otherwise(pl.lit(" ")) + value.cast(pl.String)
