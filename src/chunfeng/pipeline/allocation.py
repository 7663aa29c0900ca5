"""Stage: free public-welfare posts go to those with a right to one, in legal order; firms with too many hands lend to those
with too few (`pipeline.lending`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from chunfeng.engines.linkage import employers as employer_links
from chunfeng.engines.linkage.standings import judged
from chunfeng.engines.matching.allocation import frozen, public_posts
from chunfeng.engines.matching.allocation.allocate import Mode
from chunfeng.engines.matching.allocation.lending import Lending, Terms
from chunfeng.engines.matching.allocation.post_order import SHIPPED, PostOrder, read_order
from chunfeng.engines.matching.allocation.problem import QUOTAS, QuotaError
from chunfeng.engines.matching.allocation.public_places import free_places
from chunfeng.engines.rules.records import Book
from chunfeng.pipeline import lending
from chunfeng.pipeline.book import in_force
from chunfeng.pipeline.outputs import write_csv, write_workbook

ROW = ["file", "sheet", "row"]
POLICY = "I16"
"""The rule book's placement in a public-welfare post."""
FACTS = ("person", "area", "held_earlier_public_post", "public_post", "disability_grade")
FINDINGS: dict[str, pl.DataType | type[pl.DataType]] = {
    "kind": pl.String, "person": pl.String, "rows": pl.String, "message": pl.String,
}  # fmt: skip
CITED = 20
HEADINGS = {
    "post": "岗位", "name": "岗位名称", "employer": "用人单位", "county": "县", "region": "地点代码", "places": "名额",
    "free": "来源",
    "taken": "已安排", "line_tier": "录取最低类别", "line_fit": "录取最低匹配度", "next_tier": "再增1个名额可安排的类别",
    "full_group": "已满的分组", "measure": "项目", "flow": "总量最优", "stable": "稳定分配", "group": "分组", "least": "下限",
    "most": "上限", "short": "未达到", "person": "人员编号", "tier": "类别", "lottery": "抽签号", "item": "项目", "value": "内容",
}  # fmt: skip
WIDTHS = {"post": 40, "employer": 24, "measure": 34, "item": 26, "value": 90, "free": 40}


@dataclass(frozen=True, slots=True)
class Allocation:
    """What the stage did. `findings`: kind, person, rows, message, to be joined to findings.csv."""

    posts: public_posts.Posts
    lending: Lending
    findings: pl.DataFrame
    counts: dict[str, Any]


def publish(
    out: Path,
    extracts: Sequence[pl.DataFrame],
    links: pl.DataFrame,
    as_of: date,
    region: str | None,
    *,
    state: Path | None = None,
    firms: pl.DataFrame | None = None,
    mode: Mode = "flow",
    terms: Terms | None = None,
) -> Allocation:
    """Write allocation.csv, allocation_waiting.csv, allocation.xlsx, lending.csv and lending_unmet.csv; return what they hold.

    `links`: file, sheet, row, person (lasting number). `firms`: employers of rows (linkage `employers`), made here if not
    given. Reads entitlements.csv, recognition.csv, posts.csv, public_posts.csv, persons.parquet, facts_wide/, and, where it is
    there, intentions.parquet of the same run. Used where they are: STATE/post_order.yaml (order of the county),
    STATE/lottery.csv (person, lottery: numbers published), STATE/lottery_seed.txt, STATE/quotas.csv (group, members joined
    by ;, least, most). Raises OrderError, QuotaError, LotteryError for one that cannot be used.
    """
    firms = employer_links.employers(extracts) if firms is None else firms
    book = in_force(state)[0]
    order = _order(state, region, as_of)
    waiting = public_posts.queue(*_people(out, links), order, _terms(book, region, as_of))
    places = _places(out, extracts, region, as_of)
    seed = _seed(state, as_of)
    numbers = _lottery(state, waiting["person"], seed)
    posts = public_posts.give(waiting, places, order, numbers, seed, mode, _quotas(state))
    write_csv(posts.allocation, out / "allocation.csv")
    write_csv(posts.waiting, out / "allocation_waiting.csv")
    _account(out / "allocation.xlsx", posts, places, numbers, seed, order, mode)
    lent, unmet = lending.publish(out, extracts, firms, as_of, terms=terms)
    counts = {
        "public_post_candidates": waiting.height, "public_post_held_back": int(waiting["held_back"].is_not_null().sum()),
        "public_places": int(places["places"].sum()), "public_posts_given": posts.allocation.height,
        "public_posts_by_tier": dict(posts.flow.tiers.select(pl.col("tier").cast(pl.String), "placed").iter_rows()),
        "public_posts_mode": mode, "public_posts_proved": posts.flow.proved, "public_posts_envy_flow": posts.flow.envy,
        "public_posts_envy_stable": posts.stable.envy, "allocation_inputs": posts.digest, "allocation_seed": seed,
        **lending.counts(lent, unmet),
    }  # fmt: skip
    return Allocation(posts, lent, _findings(posts, waiting, places), counts)


class LotteryError(ValueError):
    """STATE/lottery.csv cannot be used; the message says what to do, Chinese first."""


def _order(state: Path | None, region: str | None, as_of: date) -> PostOrder:
    own = state / "post_order.yaml" if state is not None else None
    path = own if own is not None and own.is_file() else SHIPPED
    # outside the province whose order is shipped, that order is still better than none, and says that it is unverified
    area = region if own is path or (region or "").startswith("35") else "35"
    return read_order(path.read_text(encoding="utf-8-sig"), area, as_of)


def _terms(book: Book, region: str | None, as_of: date) -> public_posts.Terms:
    area = region or "35"
    most = book.parameters["post_placements"].at(area, as_of)
    offers = book.parameters["offers_before_second_placement"].at(area, as_of)
    return public_posts.Terms(
        int(most.value) if most is not None and isinstance(most.value, int) else None,
        int(offers.value) if offers is not None and isinstance(offers.value, int) else None,
        most.source.document if most is not None and most.source is not None else "",
        offers.source.document if offers is not None and offers.source is not None else "",
    )


def _people(out: Path, links: pl.DataFrame) -> tuple[pl.DataFrame, ...]:
    """entitled, recognised, facts, homes, wishes, as public_posts.queue takes them."""
    granted = pl.read_csv(out / "entitlements.csv", infer_schema=False)
    entitled = granted.filter(pl.col("subject_kind") == "person", pl.col("policy") == POLICY).select(
        pl.col("subject").alias("person"), "answer", "missing"
    )
    recognised = pl.read_csv(out / "recognition.csv", infer_schema=False).filter(pl.col("answer") == "yes")
    facts = pl.read_parquet(out / "facts_wide" / "persons.parquet", columns=list(FACTS))
    persons = pl.read_parquet(out / "persons.parquet", columns=["person", "stay_region", "hukou_region"])
    deep = [pl.when(pl.col(c).str.len_chars() >= 9).then(c) for c in ("stay_region", "hukou_region")]
    homes = persons.select("person", pl.coalesce(*deep, "stay_region", "hukou_region").alias("home"))
    wishes = pl.DataFrame(schema={"person": pl.String, "kind": pl.String})
    if (out / "intentions.parquet").is_file():
        said = pl.read_parquet(out / "intentions.parquet", columns=[*ROW, "kind"])
        who = links.select("file", pl.col("sheet").fill_null(""), pl.col("row").cast(pl.UInt32), "person")
        wishes = (
            said.with_columns(pl.col("sheet").fill_null(""))
            .join(who, on=ROW)
            .drop_nulls("person")
            .select("person", "kind")
        )
    return entitled, recognised.select("person", "category"), facts, homes, wishes


def _places(out: Path, extracts: Sequence[pl.DataFrame], region: str | None, as_of: date) -> pl.DataFrame:
    screened = pl.read_csv(out / "posts.csv", infer_schema=False).select(*ROW, "lawful")
    checked = pl.read_csv(out / "public_posts.csv", infer_schema=False).select(*ROW, "finding")
    ledgers = [e for e in extracts if e.height and e["kind"][0] == "public_welfare_posts"]
    held = judged(ledgers, as_of).filter(pl.col("standing") == "public_post").select(*ROW, "holds")
    return free_places(extracts, screened, checked, held, region, as_of)


def _seed(state: Path | None, as_of: date) -> str:
    """What was published; without it the day, so that every run of one day draws alike."""
    path = state / "lottery_seed.txt" if state is not None else None
    said = path.read_text(encoding="utf-8-sig").strip() if path is not None and path.is_file() else ""
    return said or as_of.isoformat()


def _lottery(state: Path | None, persons: pl.Series, seed: str) -> pl.DataFrame:
    path = state / "lottery.csv" if state is not None else None
    if path is None or not path.is_file():
        return frozen.lottery(persons, seed)
    try:
        drawn = pl.read_csv(path, infer_schema=False).select("person", pl.col("lottery").cast(pl.Int64))
    except (pl.exceptions.PolarsError, UnicodeDecodeError) as error:
        raise LotteryError(
            f"{path.name} 要有 person、lottery 两列，抽签号为整数。 / needs person, lottery: {error}"
        ) from None
    twice = drawn.filter(pl.col("person").is_duplicated() | pl.col("lottery").is_duplicated())
    if twice.height or drawn["lottery"].null_count():
        raise LotteryError(
            f"{path.name} 里有重复或空缺的人员、抽签号（{twice.height}行）。 / numbers or persons twice or missing"
        )
    return drawn


def _quotas(state: Path | None) -> pl.DataFrame | None:
    path = state / "quotas.csv" if state is not None else None
    if path is None or not path.is_file():
        return None
    try:
        return (
            pl.read_csv(path, infer_schema=False)
            .with_columns(pl.col("members").fill_null("").str.split(";"))
            .select([pl.col(c).cast(t) for c, t in QUOTAS.items()])
        )
    except (pl.exceptions.PolarsError, UnicodeDecodeError) as error:
        raise QuotaError(
            f"{path.name} 要有 group、members、least、most 四列。 / needs four columns: {error}"
        ) from None


def _account(
    path: Path,
    posts: public_posts.Posts,
    places: pl.DataFrame,
    numbers: pl.DataFrame,
    seed: str,
    order: PostOrder,
    mode: Mode,
) -> None:
    """allocation.xlsx: both modes side by side, the line of every post, the lottery, and what a second run needs."""
    chosen = posts.flow if mode == "flow" else posts.stable
    lines = chosen.posts.select("post", "taken", "line_tier", "line_fit", "next_tier", "full_group")
    table = places.join(lines, on="post", how="left", maintain_order="left")
    notes = [
        ("采用方式", HEADINGS[mode]), ("安置顺序依据", order.document + ("" if order.verified else "（待核）")),
        *((f"第{c.tier}类", c.name) for c in order.classes),
        ("抽签种子", seed),
        ("抽签办法", "把“种子:人员编号”求 SHA-256，按结果从小到大排号；任何人可复算"),
        ("输入指纹", posts.digest),
        ("最优性", "总量最优方案已由对偶价格证明，差距为0"), *(("须放宽的条件", text) for text in public_posts.relax(posts)),
    ]  # fmt: skip
    account = pl.DataFrame(notes, schema={"item": pl.String, "value": pl.String}, orient="row")
    write_workbook(
        [("两种方式对比", posts.table), ("岗位", table), ("名额分组", chosen.quotas), ("抽签号", numbers), ("说明", account)],
        HEADINGS, WIDTHS, path,
    )  # fmt: skip


def _findings(posts: public_posts.Posts, waiting: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """One when somebody has a right and nothing is free; one per kind of place that a unit must act on first."""
    rows: list[tuple[str, None, str, str]] = []
    entitled = waiting.filter(pl.col("held_back").is_null()).height
    if entitled and not places.height:
        told = f"有{entitled}人符合公益性岗位安置条件，但没有一份名单报来空岗。请各用人单位报送空缺的公益性岗位。"
        rows.append(("public_places_none", None, "", told))
    for free, kind, text in (
        (
            "must_end",
            "public_places_to_clear",
            "个公益性岗位的在岗人员已去世或已领养老待遇，办理退岗后可重新安置",
        ),
        (
            "left",
            "public_places_to_confirm",
            "个公益性岗位一年内有人离岗、台账未见接替，请用人单位确认是否仍设岗",
        ),
    ):
        some = places.filter(pl.col("free") == free)
        if some.height:
            cited = ";".join(p.replace(":", "#") for p in some["post"].head(CITED))
            rows.append((kind, None, cited, f"{some.height}{text}。"))
    lost = places.filter(pl.col("county").is_null())
    if lost.height:
        cited = ";".join(p.replace(":", "#") for p in lost["post"].head(CITED))
        told = f"{lost.height}个空岗看不出在哪个县，没有参加安排。请在名单里写明地点，或运行时指明所在县。"
        rows.append(("public_places_unplaced", None, cited, told))
    rows += [("public_places_quota_short", None, "", text) for text in public_posts.relax(posts)]
    return pl.DataFrame(rows, schema=FINDINGS, orient="row")
