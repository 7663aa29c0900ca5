"""What the cells of a column look like, whatever its header says: shares of ids, names, phones, dates and so on.

Measured on a sample of rows; every share is of the non-blank cells, 0..1.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from chunfeng.engines.sheets.values import NO, YES
from chunfeng.reference import codes

_FOLD = r"[\s\-‐–—'`’‘\"\u200b-\u200f\ufeff\u3000\u00a0]"
_PATTERNS = {
    "citizen_id": r"^(\d{17}[\dXx×]|\d{15}|\d{20}(B\d)?|\d{17}[\dXx]\d{2}(B\d)?|\d\.\d{4,}[Ee]\+?1[4-7]|\d{18}\.0)$",
    # a number of a bank card is as long, but holds no year of birth
    "near_id": r"^[1-8]\d{5}(19|20)\d{5,12}[Xx]?$|^[1-8]\d{12,14}$",
    "certificate": r"^\d{17}[\dXx][1-7][1-4](B\d)?$",
    "token": r"^([0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{64}|[0-9a-fA-F]{128})$",
    "credit_code": r"^[1-9A-HJ-NP-RTUWXY][1-9A-HJ-NP-RTUWXY]\d{6}[0-9A-HJ-NPQRTUWXY]{10}$",
    "phone": r"^(\+?86|0086)?1[3-9]\d{9}([/、,，;（(].*)?$",
    "landline": r"^(0\d{2,3})\d{7,8}$",
    "date": (
        r"^([至到自]|截至)?((19|20)\d{2}([./年/]\d{1,2}([./月]\d{1,2}日?)?月?|(0[1-9]|1[0-2])([0-3]\d)?)"
        r"|(19|20)\d{2}[./年]\d{1,2}[./月]\d{1,2}日?T?([上下]午)?\d{1,2}[:时]\d{2}.*"
        r"|(19|20)\d{2}(0?[1-9]|1[0-2])[0-3]\d( .*)?|\d{2}\.\d{1,2}\.\d{1,2}|(19|20)\d{6}T?([上下]午)?\d{1,2}:\d{2}.*"
        r"|[一二][〇○零九]..年.*)[止前]?$"
    ),
    "span": (
        r"^[自从]?(19|20)\d{2}[./年-]\d{1,2}([./月-]\d{1,2}日?)?\s*[-—–－~～〜至到]+"
        r"\s*(19|20)\d{2}[./年-]\d{1,2}([./月-]\d{1,2}日?)?止?$"
    ),
    "year_month": r"^(19|20)\d{2}[./年]?(0?[1-9]|1[0-2])月?$",
    "clock": r"\d{1,2}:\d{2}",
    "integer": r"^\d{1,6}(\.0+)?[人个名岁元户]?$",
    "number": r"^-?\d+(\.\d+)?$",
    "amount": (
        r"^[^\d]{0,10}\d[\d,.]*(元|千|万|k|K)?([-~－—至到]\d[\d,.]*(元|千|万|k|K)?|以上|起|左右)?(元)?"
        r"(/?(月|天|时|小时|日|年))?(起|以上)?.*$"
    ),
    "region_code": r"^\d{6}(\d{3}(\d{3})?)?$",
    "name": r"^[\u4e00-\u9fff㐀-䶿]{2,4}$",
    "long_name": r"^[\u4e00-\u9fff]{1,6}[·•][\u4e00-\u9fff]{1,6}$",
    "address": r"(省|市|县|区|镇|乡|街道|村|社区|路|组|号|幢).{0,12}(\d|村|社区|镇|乡|县|市|区|号)",
    "place": r"(省|市|县|区|镇|乡|街道|村|社区|屯)$",
    "org_name": (
        r"(公司|厂|店|局|中心|委员会|委会|合作社|医院|学校|部|社|站|场|集团|大学|学院|酒店|超市|所|队|园)$"
    ),
    "school": r"(大学|学院|学校|中专|技校|职校|职业中学)$",
    "boxes": r"[□☐☑■√☒]",
    "kin": (
        r"^(户主|本人|配偶|妻|夫|子|女|之子|之女|父亲?|母亲?|之父|之母|儿媳|女婿|孙子?|孙女|长子|次子|三子|长女|次女|三女"
        r"|兄弟?|姐妹?|其他|祖父|祖母|爷爷|奶奶)$"
    ),
}


@dataclass(frozen=True, slots=True)
class Profile:
    """Shares per look, the number of non-blank cells, how many differ, and their mean length."""

    filled: int
    rows: int
    distinct: int
    mean_length: float
    shares: dict[str, float]

    def share(self, look: str) -> float:
        """Share of the non-blank cells with that look; 0 when the column is blank."""
        return self.shares.get(look, 0.0)


def profile(values: pl.Series) -> Profile:
    """Look at one column of text (nulls are blanks)."""
    cells = values.drop_nulls()
    filled = len(cells)
    if filled == 0:
        return Profile(0, len(values), 0, 0.0, {})
    row = cells.to_frame("v").with_columns(_FOLDED).select(_MEASURES).row(0, named=True)
    distinct, mean_length = int(row.pop("distinct")), float(row.pop("mean_length"))
    shares = {k: float(v or 0.0) for k, v in row.items()}
    if distinct <= 100 and mean_length <= 12:
        counts = list(cells.value_counts(name="n").iter_rows())
        for table in _CODE_LOOKS:
            shares[f"code:{table}"] = (
                sum(n for text, n in counts if codes.lookup(table, text) is not None) / filled
            )
    return Profile(filled, len(values), distinct, mean_length, shares)


_FOLDED = pl.col("v").str.normalize("NFKC").str.replace_all(_FOLD, "").alias("f")
_MEASURES = [
    *(
        pl.col("v" if look in ("clock", "span") else "f").str.contains(pattern).mean().alias(look)
        for look, pattern in _PATTERNS.items()
    ),
    pl.col("f").is_in(list(YES + NO)).mean().alias("yes_no"),
    pl.col("v").n_unique().alias("distinct"),
    pl.col("v").str.len_chars().mean().alias("mean_length"),
]
_CODE_LOOKS = (
    "sex",
    "ethnicity",
    "education",
    "kinship",
    "hukou",
    "marital",
    "disability_kind",
    "disability_grade",
)


def fit(type_name: str, p: Profile) -> float | None:
    """How well the cells suit a type, 0..1; None when the column is blank and says nothing."""
    if p.filled == 0:
        return None
    s = p.share
    hard = max(s("citizen_id"), s("token"), s("credit_code"), s("phone"))
    match type_name:
        case "citizen_id":
            return max(
                s("citizen_id") - s("certificate"),
                0.8 * s("near_id") - 0.8 * s("certificate"),
                0.6 * s("certificate"),
            )
        case "certificate":
            return min(
                1.0,
                s("certificate") + (0.5 * s("near_id") if s("certificate") > 0.2 else 0.35 * s("citizen_id")),
            )
        case "name":
            return max(
                0.0,
                s("name")
                + s("long_name")
                - 0.6
                * max(
                    s("kin"), s("code:education"), s("code:sex"), s("code:ethnicity"), s("yes_no"), s("place")
                ),
            )
        case "contact":
            return 0.2 if hard > 0.5 else 0.7
        case "org_name":
            return min(1.0, 0.25 + s("org_name")) if hard < 0.5 else 0.0
        case "token" | "credit_code":
            return s(type_name)
        case "phone":
            return min(1.0, s("phone") + s("landline"))
        case "date" | "datetime" | "partial_date":
            return min(
                1.0, s("date") + s("span") + (0.3 if s("number") > 0.8 and p.mean_length == 5 else 0.0)
            )
        case "month":
            return min(1.0, max(s("date"), s("year_month")))
        case "integer":
            return min(1.0, s("integer") + 0.2) if hard < 0.5 else 0.0
        case "decimal" | "money":
            return min(1.0, s("number") + 0.6 * s("integer") + 0.5 * s("amount")) if hard < 0.5 else 0.0
        case "amount":
            return min(1.0, s("amount") + 0.2) if hard < 0.5 else 0.0
        case "yes_no":
            return s("yes_no")
        case "paid":
            return max(s("yes_no"), min(1.0, s("number") + s("amount"))) if hard < 0.5 else 0.0
        case "checkboxes":
            return s("boxes")
        case "retirement_category":
            return 1.0 if p.distinct <= 8 and s("date") < 0.5 else 0.2
        case "address":
            return min(1.0, s("address") + 0.7 * s("place")) if hard < 0.5 else 0.0
        case "region":
            return 0.7 if hard < 0.5 and s("date") < 0.5 else 0.1
        case "region_code":
            return s("region_code")
        case "text":
            if hard > 0.5:
                return 0.1
            return 0.7 if s("date") < 0.7 else 0.4
        case _ if type_name.startswith("code:"):
            return s(type_name) if type_name in p.shares else 0.1
    return 0.5
