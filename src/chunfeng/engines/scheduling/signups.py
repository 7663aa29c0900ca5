"""Sign-ups of employers for fairs: accepted, refused with the reason, or for a human to judge.

人力资源市场暂行条例 (国务院令第700号) art. 26 lets a post be shown only with 招聘简章, 营业执照, the clerk's identity and the
employer's authorisation; art. 28 makes the organiser of a fair check them. A blank cell in a column the list has is a paper
not handed in; a paper that the list never asks for is a question, not a refusal. Employers in force on the list of wage
arrears are barred (保障农民工工资支付条例, 国务院令第724号, art. 48).
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

ROW = ["file", "sheet", "row"]
KIND = "fair_signups"
TABLE: dict[str, pl.DataType | type[pl.DataType]] = {
    "file": pl.String, "sheet": pl.String, "row": pl.UInt32, "employer": pl.String, "accept": pl.String,
    "reason": pl.String, "law": pl.String, "evidence": pl.String,
}  # fmt: skip
"""fairs.csv. `accept`: yes, no, review; `reason`: all of them, the weightiest first, joined by `;`; `law`: of the first;
`evidence`: the entry of another list the reason rests on, as file#sheet#row."""
SIGNUPS: dict[str, pl.DataType | type[pl.DataType]] = {
    "file": pl.String, "sheet": pl.String, "row": pl.UInt32, "fair": pl.String, "fair_name": pl.String, "fair_on": pl.Date,
    "employer_name": pl.String, "employer_name_key": pl.String, "posts": pl.Int64, "headcount": pl.Int64,
    "booth": pl.String, "signed_up_on": pl.Date,
}  # fmt: skip

CERTAIN = 0.95
"""Score of an employer's link from which a list against it counts; below, a human looks."""
CHECKED_BY = "人力资源市场暂行条例（国务院令第700号）第二十六条、第二十八条"
BARRED_BY = "保障农民工工资支付条例（国务院令第724号）第四十八条"
CLOSED_BY = "人力资源市场暂行条例（国务院令第700号）第二十六条"
LICENSED_BY = "人力资源市场暂行条例（国务院令第700号）第十八条"
BARRED, BARRED_MAYBE = "失信名单", "疑在失信名单，请核对单位"
CLOSED, REPEATED, NAMELESS = "营业执照已注销", "重复报名", "单位名称无法辨认"
PAPERS: dict[str, tuple[str, str]] = {
    "has_licence": ("营业执照", CHECKED_BY),
    "has_authorisation": ("授权委托书", CHECKED_BY),
    "has_prospectus": ("招聘简章", CHECKED_BY),
    "has_id_copy": ("经办人身份证明", CHECKED_BY),
    "has_labour_permit": ("人力资源服务许可证", LICENSED_BY),
}
"""Column → paper and its law, in the order in which reasons are given."""
_ALWAYS = ("has_licence", "has_authorisation", "has_prospectus")
AGENCY = "人力资源|劳务派遣|职业介绍|人才服务|劳务服务"
"""Firms that need the permit for labour services; for others its column says nothing."""


def decide(extracts: Sequence[pl.DataFrame], employers: pl.DataFrame, marks: pl.DataFrame) -> pl.DataFrame:
    """Every sign-up of the extracts with its answer: columns of TABLE, by file, sheet, row.

    `employers`: file, sheet, row, employer, lane, score as linkage gives them; a name that only may be a barred firm's is
    for a human. `marks`: employer, barred (on the list of wage arrears in force), sure (that it
    is this employer), closed (state in the market register if struck off), evidence; at most one line per employer.
    """
    rows = signups(extracts, employers)
    rows = rows.join(marks, on="employer", how="left", maintain_order="left")
    found = [
        _reason(pl.col("barred") & pl.col("sure") & pl.col("certain"), BARRED, BARRED_BY, "no"),
        _reason(pl.col("barred") & ~(pl.col("sure") & pl.col("certain")), BARRED_MAYBE, BARRED_BY, "review"),
        _reason(pl.col("closed").is_not_null(), CLOSED, CLOSED_BY, "no"),
        _reason(pl.col("employer_name").is_null() & pl.col("employer").is_null(), NAMELESS, CHECKED_BY, "review"),
        *_papers(),
    ]  # fmt: skip
    judged = rows.with_columns(pl.concat_list(found).list.drop_nulls().alias("found"))
    judged = judged.with_columns(_repeated(judged))
    again = pl.when("again").then(
        pl.struct(
            pl.lit(REPEATED).alias("said"), pl.lit(CHECKED_BY).alias("law"), pl.lit("no").alias("accept")
        )
    )
    # a bar weighs more than a second entry, a second entry more than a paper that may still be brought
    barred = pl.col("found").list.filter(
        pl.element().struct.field("said").is_in([BARRED, BARRED_MAYBE, CLOSED])
    )
    others = pl.col("found").list.filter(
        ~pl.element().struct.field("said").is_in([BARRED, BARRED_MAYBE, CLOSED])
    )
    judged = judged.with_columns(
        pl.concat_list(barred, pl.concat_list(again).list.drop_nulls(), others).alias("found")
    )
    said, law, accept = (
        pl.col("found").list.eval(pl.element().struct.field(f)) for f in ("said", "law", "accept")
    )
    return judged.select(
        *ROW, "employer",
        pl.when(accept.list.contains("no")).then(pl.lit("no"))
        .when(accept.list.contains("review")).then(pl.lit("review")).otherwise(pl.lit("yes")).alias("accept"),
        said.list.join(";").replace("", None).alias("reason"), law.list.first().alias("law"),
        pl.when(pl.col("barred").fill_null(False) | pl.col("closed").is_not_null()).then("evidence").alias("evidence"),
    ).select([pl.col(c).cast(t) for c, t in TABLE.items()])  # fmt: skip


def signups(extracts: Sequence[pl.DataFrame], employers: pl.DataFrame) -> pl.DataFrame:
    """The sign-ups as typed: SIGNUPS, the papers' columns, `<paper>_listed` whether the list has it, and the employer.

    `fair`: its name and day where the row says them, else the file and sheet.
    """
    schema = {
        **SIGNUPS, **dict.fromkeys(PAPERS, pl.Boolean), **{f"{p}_raw": pl.String for p in PAPERS},
        **{f"{p}_listed": pl.Boolean for p in PAPERS},
    }  # fmt: skip
    parts = [pl.DataFrame(schema=schema)]
    for extract in extracts:
        if extract.height == 0 or extract["kind"][0] != KIND:
            continue
        has = set(extract.columns)
        columns = {c: (pl.col(c) if c in has else pl.lit(None)) for c in (*SIGNUPS, *PAPERS) if c != "fair"}
        columns |= {f"{p}_raw": pl.col(f"{p}__raw") if f"{p}__raw" in has else pl.lit(None) for p in PAPERS}
        columns |= {f"{p}_listed": pl.lit(f"{p}__raw" in has) for p in PAPERS}
        own = pl.concat_str(
            pl.col("fair_name").cast(pl.String) if "fair_name" in has else pl.lit(None, dtype=pl.String),
            pl.col("fair_on").cast(pl.String) if "fair_on" in has else pl.lit(None, dtype=pl.String),
            separator=" ", ignore_nulls=True,
        ).replace("", None)  # fmt: skip
        at = pl.concat_str("file", pl.col("sheet").fill_null(""), separator="#")
        columns["fair"] = pl.coalesce(own, at)
        columns["sheet"] = pl.col("sheet").fill_null("")
        parts.append(extract.select([columns[c].cast(t, strict=False).alias(c) for c, t in schema.items()]))
    certain = pl.col("lane").is_in(["code", "org_code"]) | (pl.col("score") >= CERTAIN)
    who = employers.select(*ROW, "employer", certain.fill_null(False).alias("certain"))
    who = who.with_columns(pl.col("row").cast(pl.UInt32))
    return pl.concat(parts).sort(*ROW).join(who, on=ROW, how="left", maintain_order="left")


def _reason(when: pl.Expr, said: str | pl.Expr, law: str, accept: str) -> pl.Expr:
    text = pl.lit(said) if isinstance(said, str) else said
    whole = pl.struct(text.alias("said"), pl.lit(law).alias("law"), pl.lit(accept).alias("accept"))
    return pl.when(when.fill_null(False)).then(whole)


def _papers() -> list[pl.Expr]:
    """Per paper: refused where the list has the column and the cell is blank or no, asked where it cannot be told."""
    found = []
    agency = pl.col("employer_name").str.contains(AGENCY).fill_null(False)
    for column, (paper, law) in PAPERS.items():
        needed = agency if column == "has_labour_permit" else pl.lit(True)
        listed, has, raw = pl.col(f"{column}_listed"), pl.col(column), pl.col(f"{column}_raw")
        missing = listed & ((has == False).fill_null(False) | (has.is_null() & raw.is_null()))  # noqa: E712
        asked = listed & has.is_null() & raw.is_not_null()
        if column in _ALWAYS:
            asked = asked | ~listed
        found.append(_reason(needed & missing, f"缺{paper}", law, "no"))
        found.append(_reason(needed & asked, f"{paper}是否提交不明", law, "review"))
    return found


def _repeated(judged: pl.DataFrame) -> pl.Series:
    """Whether an employer stands in another row of the same fair that counts: the first whose papers are whole, else the
    first of all."""
    whose = pl.coalesce("employer", pl.concat_str(pl.lit("name:"), "employer_name_key"))
    faults = pl.col("found").list.len()
    ranked = judged.select(
        whose.alias("whose"), "fair", pl.int_range(pl.len()).alias("line"), (faults > 0).alias("faulty")
    )
    best = (
        ranked.drop_nulls("whose").sort("faulty", "line")
        .unique(["fair", "whose"], keep="first", maintain_order=True).select("fair", "whose", pl.col("line").alias("best"))
    )  # fmt: skip
    joined = ranked.join(best, on=["fair", "whose"], how="left", maintain_order="left")
    return joined.select((pl.col("line") != pl.col("best")).fill_null(False).alias("again"))["again"]
