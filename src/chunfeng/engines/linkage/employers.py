"""Employers: which rows of all lists speak of the same one. By code, by organisation code, by name, by short name.

Rows attach to employers, never rows to rows. A name counts only where one employer of the county can be meant: of two
that are called alike neither is chosen.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl

from chunfeng.engines.linkage.mentions import ROW, mentions

LANES = ("code", "org_code", "name", "weight", "none")
SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "file": pl.String, "sheet": pl.String, "row": pl.UInt32,
    "employer": pl.String, "lane": pl.String, "score": pl.Float64,
}  # fmt: skip
TABLE_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "employer": pl.String, "name": pl.String, "name_source": pl.String, "credit_code": pl.String,
    "names": pl.String, "rows": pl.UInt32,
}  # fmt: skip

CODE, ORG_CODE, FULL, KEY, BARE, BRANCH, SHORT = 1.0, 0.99, 0.98, 0.95, 0.9, 0.85, 0.8
"""Scores: an order of trust, no probability. Credit code; organisation code; the name to the letter, region and all; the
same reduced name, region fits; the same without a region; a workshop of it; a short form of one employer only."""

OFFICIAL_SOURCES = ("business_entities", "wage_arrears_blacklist", "key_employers", "insurance_contributions")
"""Kinds whose spelling of a name goes before others', best first."""
LONGEST_GROUP = 50
"""More employers than this behind one beginning: no short form is looked for letter by letter among them."""

PUBLIC = re.compile(
    r"(?:局|政府|医院|卫生院|法院|检察院|学校|小学|中学|大学|学院|幼儿园|敬老院|福利院|委员会|村委会|居委会|办事处|中心)$"
)
_SAME_FIRM = re.compile(r"(?:车间|班组|厂区|门店|门市部|项目部|生产部|营业部|基地|工区|分部)$")
"""Places of one firm. A branch (分公司, 支行) has a code of its own and is not its head office."""
_SHORTEST = 3
"""Characters of a short form: its own word of two and something of its trade."""


def employers(extracts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Every row that names an employer, with who that is: columns of SCHEMA, by file, sheet, row.

    `employer` is the 18-character credit code where one is verified (GB 32100), else the organisation code (GB 11714),
    else `N:` and the reduced name with its region's code; null in lane none: unreadable, or two may be meant.
    """
    said = mentions(extracts)
    by_code = _by_code(said)
    known = _directory(said.join(by_code, on=ROW).filter(pl.col("employer").is_not_null()))
    asked = said.join(by_code, on=ROW, how="anti").filter(pl.col("key").is_not_null())
    found, asked = _match(asked, known)
    for certain in (True, False):
        # official names first, so that short forms find them and do not stand for themselves
        fresh = asked.filter(_stands_alone(certain)).with_columns(_minted().alias("employer"))
        known = pl.concat([known, _directory(fresh)])
        again, asked = _match(asked, known)
        found = pl.concat([found, again])
    decided = pl.concat([by_code, found])
    every = said.select(*ROW).join(decided, on=ROW, how="left").with_columns(pl.col("lane").fill_null("none"))
    return every.select([pl.col(c).cast(t) for c, t in SCHEMA.items()]).sort(*ROW)


def _by_code(said: pl.DataFrame) -> pl.DataFrame:
    """Rows with a verified code or organisation code; a row whose code and name are two employers' has none."""
    coded = said.filter(pl.col("code").is_not_null() | pl.col("org").is_not_null())
    counts = coded.drop_nulls("code").group_by("code").agg(pl.len(), pl.col("org").first())
    # one organisation code is one body, whatever authority gave it 18 characters
    ranked = counts.drop_nulls("org").sort("len", "code", descending=[True, False])
    of_org = ranked.unique("org", keep="first", maintain_order=True).select(
        "org", pl.col("code").alias("of_org")
    )
    both = coded.join(of_org, on="org", how="left").with_columns(
        pl.coalesce("of_org", "code", "org").alias("employer"),
        pl.when(pl.col("code").is_not_null())
        .then(pl.lit("code"))
        .otherwise(pl.lit("org_code"))
        .alias("lane"),
    )
    score = pl.when(pl.col("lane") == "code").then(CODE).otherwise(ORG_CODE)
    torn = both.join(_torn(both), on=["employer", "key"], how="semi")
    apart = both.join(torn, on=ROW, how="anti").select(*ROW, "employer", "lane", score.alias("score"))
    nobody = [pl.lit(None, dtype=pl.String).alias("employer"), pl.lit("none").alias("lane")]
    return pl.concat([apart, torn.select(*ROW, *nobody, pl.lit(None, dtype=pl.Float64).alias("score"))])


def borrowed(extracts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Rows whose verified code is mostly another's: file, sheet, row, written, code, usual (that other's name)."""
    said = (
        mentions(extracts).filter(pl.col("code").is_not_null()).with_columns(pl.col("code").alias("employer"))
    )
    torn = said.join(_torn(said), on=["employer", "key"], how="semi")
    written = (
        said.drop_nulls("key").join(torn, on="code", how="semi").group_by("code", "key", "written").len()
    )
    usual = written.join(torn.select("code", "key"), on=["code", "key"], how="anti").sort(
        "code", "len", "written", descending=[False, True, False]
    )
    best = usual.unique("code", keep="first", maintain_order=True).select("code", usual="written")
    return torn.join(best, on="code", how="left").select(*ROW, "written", "code", "usual")


def _torn(coded: pl.DataFrame) -> pl.DataFrame:
    """(employer, key) where the code is mostly called otherwise and that name is the usual one of another code."""
    votes = coded.drop_nulls("key").group_by("employer", "key").agg(pl.len().alias("n"))
    usual = votes.sort("employer", "n", "key", descending=[False, True, False]).unique(
        "employer", keep="first", maintain_order=True
    )
    rare = votes.join(usual.select("employer", usual="key", most="n"), on="employer").filter(
        (pl.col("key") != pl.col("usual")) & (pl.col("n") < pl.col("most"))
    )
    alike = pl.col("key").str.slice(0, 2) == pl.col("usual").str.slice(0, 2)
    others = usual.select("key", other="employer", other_n="n")
    claimed = rare.filter(~alike).join(others, on="key").filter(pl.col("other_n") > pl.col("n"))
    return claimed.select("employer", "key").unique()


def _directory(said: pl.DataFrame) -> pl.DataFrame:
    """What each employer is called: employer and the distinct readings of its names."""
    # 350800 is the city's office, 100000 the nation's
    by_code = pl.col("employer").str.slice(2, 6).str.replace("(?:00)+$", "").replace("10", None)
    coded = (pl.col("employer").str.len_chars() == 18) & ~pl.col("employer").str.starts_with("N:")
    where = pl.when(pl.col("words").is_null() & coded).then(by_code).otherwise("region").alias("region")
    names = said.filter(pl.col("key").is_not_null()).select(
        "employer", "key", "core", "branch", "form", "full", "words", where
    )
    return names.unique().sort("employer", "full", "region", nulls_last=True)


def _stands_alone(certain: bool) -> pl.Expr:
    """Is the name, matched with nobody, an employer of its own? `certain`: by its form; else also any in the county's lists."""
    plain = pl.col("key") == pl.concat_str("core", pl.col("branch").fill_null(""))
    formal = (
        pl.col("form").is_not_null()
        | (pl.col("words").is_not_null() & plain)
        | pl.col("key").str.contains(PUBLIC.pattern)
    )
    # 工地, 鞋厂 in a survey are what somebody does, not for whom
    return formal if certain else formal | (pl.col("local") & (pl.col("key").str.len_chars() >= _SHORTEST))


def _minted() -> pl.Expr:
    at = pl.when(pl.col("region").is_not_null()).then(pl.lit("@") + pl.col("region")).otherwise(pl.lit(""))
    return pl.concat_str(pl.lit("N:"), "key", at)


def _match(asked: pl.DataFrame, known: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(rows decided, rows left): the first step at which somebody fits decides; more than one who fits decides for none."""
    names = asked.select(*_NAME).unique()
    open_names, decided = names, [_none_of(names)]
    for lane, score, pairs in (
        ("name", FULL, _same_full),
        ("name", KEY, _same_key),
        ("weight", BRANCH, _workshop),
        ("weight", SHORT, _short_form),
    ):
        fits = pairs(open_names, known)
        one = fits.group_by(*_NAME).agg(
            pl.col("employer").n_unique().alias("n"), pl.col("employer").min(), pl.col("bare").any()
        )
        value = pl.when(pl.col("bare")).then(min(BARE, score)).otherwise(score)
        single = pl.col("n") == 1
        decided.append(
            one.select(
                *_NAME,
                pl.when(single).then("employer").alias("employer"),
                pl.when(single).then(pl.lit(lane)).otherwise(pl.lit("none")).alias("lane"),
                pl.when(single).then(value).alias("score"),
            )
        )
        open_names = open_names.join(one, on=_NAME, how="anti", nulls_equal=True)
    verdicts = pl.concat(decided)
    rows = asked.join(verdicts, on=_NAME, how="left", nulls_equal=True)
    done = rows.filter(pl.col("lane").is_not_null()).select(*ROW, "employer", "lane", "score")
    return done, asked.join(done, on=ROW, how="anti")


_NAME = ("full", "key", "core", "branch", "form", "words", "region", "local")


def _none_of(names: pl.DataFrame) -> pl.DataFrame:
    return names.head(0).with_columns(
        pl.lit(None, dtype=pl.String).alias("employer"), pl.lit(None, dtype=pl.String).alias("lane"),
        pl.lit(None, dtype=pl.Float64).alias("score"),
    )  # fmt: skip


def _of(known: pl.DataFrame) -> pl.DataFrame:
    return known.rename({c: f"k_{c}" for c in known.columns if c != "employer"})


def _near() -> pl.Expr:
    """Asked for and known lie in one another, or a place is not known."""
    a, b = pl.col("region"), pl.col("k_region")
    return (a.str.starts_with(b) | b.str.starts_with(a)).fill_null(True)


def _pairs(fits: pl.DataFrame) -> pl.DataFrame:
    return fits.select(*_NAME, "employer", pl.col("words").is_null().alias("bare"))


def _same_full(names: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """The whole name, region words and all. Bare names wait for the next step: where they are from must be known."""
    both = names.filter(pl.col("words").is_not_null()).join(_of(known), left_on="full", right_on="k_full")
    return _pairs(both.filter(pl.col("k_words").is_not_null()))


def _same_key(names: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """The reduced name. In a list of the county's employers, and with region words, only where the places fit."""
    both = names.join(_of(known), left_on="key", right_on="k_key")
    anywhere = ~pl.col("local") & pl.col("words").is_null()
    return _pairs(both.filter(anywhere | _near()))


def _workshop(names: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """三车间 of a firm is the firm."""
    parts = names.filter(pl.col("branch").str.contains(_SAME_FIRM.pattern))
    both = parts.join(_of(known.filter(pl.col("branch").is_null())), left_on="core", right_on="k_core")
    return _pairs(both.filter((~pl.col("local") & pl.col("words").is_null()) | _near()))


def _short_form(names: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """祥发建筑 for 祥发建筑工程: the beginning of one employer's name, or letters of it in their order.

    Only of names without a legal form: who writes 有限公司 writes the whole name. The employer's own word, the first two
    characters, must be the same.
    """
    bare = names.filter(
        pl.col("form").is_null() & pl.col("branch").is_null() & (pl.col("core").str.len_chars() >= _SHORTEST)
        & (pl.col("key") == pl.col("core")) & ~pl.col("key").str.contains(PUBLIC.pattern)
    )  # fmt: skip
    longer = _of(known.filter(pl.col("branch").is_null())).with_columns(
        pl.col("k_core").str.slice(0, 2).alias("head")
    )
    beginnings = longer.with_columns(
        pl.int_ranges(_SHORTEST, pl.col("k_core").str.len_chars()).alias("cut")
    ).explode("cut").drop_nulls("cut").with_columns(pl.col("k_core").str.slice(0, pl.col("cut")).alias("k_cut"))  # fmt: skip
    begun = bare.join(beginnings, left_on="core", right_on="k_cut").filter(_near())
    few = longer.join(
        longer.group_by("head").agg(pl.col("employer").n_unique().alias("n")), on="head"
    ).filter(pl.col("n") <= LONGEST_GROUP)
    headed = (
        bare.with_columns(pl.col("core").str.slice(0, 2).alias("head")).join(few, on="head").filter(_near())
    )
    within = headed.filter(
        pl.struct("core", "k_core").map_elements(
            lambda s: _in_order(s["core"], s["k_core"]), return_dtype=pl.Boolean
        )
    )
    return _pairs(pl.concat([_pairs_of(begun), _pairs_of(within)]).unique())


def _pairs_of(fits: pl.DataFrame) -> pl.DataFrame:
    return fits.select(*_NAME, "employer")


def _in_order(a: str, b: str) -> bool:
    """Are the characters of the shorter found in the longer in their order, both ends of neither empty?"""
    short, long = (a, b) if len(a) <= len(b) else (b, a)
    letters = iter(long)
    return len(short) >= _SHORTEST + 1 and all(c in letters for c in short)


def table(extracts: Sequence[pl.DataFrame], links: pl.DataFrame) -> pl.DataFrame:
    """The employers found by `employers(extracts)`: columns of TABLE_SCHEMA, by employer.

    `name` is the spelling of the most official list, there the one with a legal form, then the longest; `name_source`
    says whose (`kind file#sheet#row`); `names` all spellings seen, joined by `;`; `rows` how many rows speak of it.
    """
    of = mentions(extracts).join(links.drop_nulls("employer").select(*ROW, "employer"), on=list(ROW))
    ranks = {kind: rank for rank, kind in enumerate(OFFICIAL_SOURCES)}
    named = of.drop_nulls("key").with_columns(
        pl.col("kind").replace_strict(ranks, default=len(ranks), return_dtype=pl.Int32).alias("rank")
    )
    best = named.sort(
        "employer",
        "rank",
        pl.col("form").is_null(),
        -pl.col("written").str.len_chars().cast(pl.Int32),
        "written",
        *ROW,
    ).unique("employer", keep="first", maintain_order=True)
    source = pl.concat_str(
        pl.col("kind"), pl.lit(" "), pl.concat_str([pl.col(c).cast(pl.String) for c in ROW], separator="#")
    )
    spellings = named.group_by("employer").agg(pl.col("written").unique().sort().str.join(";").alias("names"))
    code = pl.when(pl.col("employer").str.len_chars() == 18).then(
        pl.when(~pl.col("employer").str.starts_with("N:")).then("employer")
    )
    whole = (
        of.group_by("employer").agg(pl.len().alias("rows"))
        .join(best.select("employer", pl.col("written").alias("name"), source.alias("name_source")), on="employer", how="left")
        .join(spellings, on="employer", how="left")
        .with_columns(code.alias("credit_code"))
    )  # fmt: skip
    return whole.select([pl.col(c).cast(t) for c, t in TABLE_SCHEMA.items()]).sort("employer")
