"""Stage: people and vacancies matched; who is shown which vacancies and why, and why somebody is shown none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from chunfeng.engines.linkage import employers as employer_links
from chunfeng.engines.matching.allocation.allocate import allocate
from chunfeng.engines.matching.market import audit, exposure, tables, why
from chunfeng.engines.matching.market import jobs as vacancies_of
from chunfeng.engines.matching.market import people as people_of
from chunfeng.engines.matching.market.market import Market
from chunfeng.engines.matching.occupations.titles import classify
from chunfeng.pipeline.outputs import whole, write_csv, write_workbook

ROW = ["file", "sheet", "row"]
KEPT = "matching"
"""Folder in OUT of the two tables, for `why`."""
CANDIDATES, MOST_CANDIDATES, PAIRS, SHORT = 50, 300, 5_000_000, 20
"""At least so many candidates a person for the choice of what is shown, more where the market is small."""
CLEAR, GUESSED = 0.25, -0.35
"""Margin of an occupation's score over the next from which one is enough; score below which the model only guesses (进厂, 轻松的活)
and the occupation stays unknown."""
_SHOWN = "recommendations.parquet"
"""In the state folder: the lists last shown, which stay as they are for a week."""
_COLUMNS = ("person", "rank", "vacancy", "score", "reasons")
_WHY = {
    "allocated": "按名额统筹排在首位", "kept": "本周已推荐", "priced": "按匹配度和名额排序", "neighbour": "相近职业，供参考",
}  # fmt: skip
HEADINGS = {
    "measure": "指标", "value": "数值", "dimension": "分组", "group": "组别", "people": "求职人数", "listed": "有推荐人数",
    "placed": "统筹有岗人数", "listed_ratio": "有推荐比例（%）", "placed_ratio": "统筹有岗比例（%）", "fair": "不低于最高组八成",
    "name": "差的条件",
    "what": "内容", "persons": "人数", "vacancies": "岗位个数", "places": "招聘人数",
}  # fmt: skip
WIDTHS = {"measure": 36, "value": 16, "name": 18, "what": 26, "group": 18}


class WhyError(Exception):
    """The pair cannot be told of; the message says why, Chinese first."""


@dataclass(frozen=True, slots=True)
class Matching:
    """`recommendations` as written; `allocated`: person, vacancy placed first; `counts` for run.json."""

    recommendations: pl.DataFrame
    allocated: pl.DataFrame
    counts: dict[str, Any]


def publish(
    out: Path,
    extracts: Sequence[pl.DataFrame],
    screened: pl.DataFrame,
    wishes: pl.DataFrame,
    as_of: date,
    region: str | None,
    state: Path | None = None,
    *,
    firms: pl.DataFrame | None = None,
    threads: int = 2,
) -> Matching:
    """Write recommendations.csv, candidates.csv and matching_report.xlsx; return them and their counts.

    `screened`: answers of the posts stage; `wishes`: intentions of the wishes stage. facts_wide/persons.parquet, persons.parquet,
    links.csv and recognition.csv must be there. `firms`: employers of rows (linkage `employers`), made here if not given.
    `state`: keeps the lists of last week.
    """
    people, jobs = _tables(out, extracts, screened, wishes, as_of, region, firms)
    for name, table in (("people", people), ("jobs", jobs)):
        with whole(out / KEPT / f"{name}.parquet") as part:
            table.write_parquet(part)
    market = Market.of(people, jobs)
    room = min(MOST_CANDIDATES, max(CANDIDATES, PAIRS // max(market.people.height, 1)))
    candidates = market.best(room, threads)
    scored = market.scores(candidates.select("person", "vacancy"))
    allocated = _allocated(candidates, market)
    shown = exposure.lists(
        scored.select("person", "vacancy", "score", "level"), exposure.prices(candidates, market.jobs), allocated,
        _previous(state), as_of,
    )  # fmt: skip
    if state is not None:
        with whole(state / _SHOWN) as part:
            shown.select("person", "vacancy", "rank", "since").write_parquet(part)
    recommendations = pl.concat([_recommended(market, scored, shown), _nothing(market, shown)]).sort(
        "person", "rank", nulls_last=True
    )
    write_csv(recommendations, out / "recommendations.csv")
    mutual = candidates.filter(pl.col("rank") <= exposure.SHOWN).select(
        "person", "vacancy", pl.lit(True).alias("mutual")
    )
    best = market.best_people(exposure.SHOWN, threads).join(
        mutual, on=["person", "vacancy"], how="left", maintain_order="left"
    )
    write_csv(best.with_columns(_hundred("score"), pl.col("mutual").fill_null(False)), out / "candidates.csv")
    counts = _report(out, market, people, shown, allocated, as_of)
    return Matching(recommendations, allocated, counts)


def _tables(
    out: Path,
    extracts: Sequence[pl.DataFrame],
    screened: pl.DataFrame,
    wishes: pl.DataFrame,
    as_of: date,
    region: str | None,
    firms: pl.DataFrame | None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    facts = pl.read_parquet(out / "facts_wide" / "persons.parquet")
    golden = pl.read_parquet(out / "persons.parquet")
    recognition = pl.read_csv(out / "recognition.csv", infer_schema=False)
    links = pl.read_csv(out / "links.csv", infer_schema=False).select(
        "file", pl.col("sheet").fill_null(""), pl.col("row").cast(pl.UInt32), "person"
    )
    links = links.drop_nulls("person")
    firms = employer_links.employers(extracts) if firms is None else firms
    who = firms.select(*ROW, "employer").with_columns(
        pl.col("sheet").fill_null(""), pl.col("row").cast(pl.UInt32)
    )
    listed = [e.select("file", pl.col("sheet").fill_null(""), pl.col("row").cast(pl.UInt32))
              for e in extracts if e.height and e["kind"][0] == "key_employers"]  # fmt: skip
    key = pl.concat([pl.DataFrame(schema={"file": pl.String, "sheet": pl.String, "row": pl.UInt32}), *listed])
    priority = vacancies_of.priorities(who, key.join(who, on=ROW))
    said = wishes.join(links, on=ROW, how="left")
    skills = people_of.skill_texts(extracts, links)
    words = pl.concat([vacancies_of.titles(extracts), people_of.phrases(said, skills)]).unique().sort()
    occupations = occupations_of(words)
    jobs = vacancies_of.jobs(extracts, screened, as_of, region, priority, occupations)
    people = people_of.people(facts, golden, recognition, said, skills, as_of.isoformat(), occupations)
    disability = facts.select("person", pl.col("disability_certificate").alias("disability"))
    return people.join(disability, on="person", how="left"), jobs


def occupations_of(words: pl.Series) -> pl.DataFrame:
    """title, codes: occupations of the 2022 dictionary for each different word for work; the second likeliest, too, where the
    first is not clear."""
    found = pl.concat(
        [words.alias("title").to_frame(), classify(words).select("codes", "margin", "score")],
        how="horizontal",
    )
    several = pl.when(pl.col("margin") < CLEAR).then(2).otherwise(1)
    found = found.filter(pl.col("score") >= GUESSED)
    return found.drop_nulls("codes").select("title", pl.col("codes").list.head(several).alias("codes"))


def _allocated(candidates: pl.DataFrame, market: Market) -> pl.DataFrame:
    """One place each for as many as the places hold, of greatest total score: person, vacancy."""
    edges = candidates.select("person", pl.col("vacancy").alias("post"))
    if edges.is_empty():
        return pl.DataFrame(schema={"person": pl.String, "vacancy": pl.String})
    capacity = market.jobs.select(
        pl.col("vacancy").alias("post"), pl.col("places").fill_null(1).cast(pl.Int64)
    )
    tier = market.people.select("person", pl.lit(1).cast(pl.Int64).alias("tier"))
    lots = market.people.select("person", pl.col("lottery").rank("ordinal").cast(pl.Int64))  # no number twice
    placed = allocate(edges, capacity, tier, candidates["score"].cast(pl.Int64), lots).placed
    return placed.select("person", pl.col("post").alias("vacancy"))


def _previous(state: Path | None) -> pl.DataFrame | None:
    path = state / _SHOWN if state is not None else None
    return pl.read_parquet(path) if path is not None and path.is_file() else None


def _hundred(column: str) -> pl.Expr:
    return (pl.col(column) / 100).round(2).alias(column)


def _recommended(market: Market, scored: pl.DataFrame, shown: pl.DataFrame) -> pl.DataFrame:
    listed = shown.group_by("vacancy").agg(pl.len().alias("times"))
    wanted = scored.join(shown.select("person", "vacancy"), on=["person", "vacancy"], how="semi")
    told = why.reasons(market, wanted).select("person", "vacancy", "reasons")
    full = (
        shown.join(told, on=["person", "vacancy"]).join(listed, on="vacancy")
        .join(market.jobs.select("vacancy", "places", "employer", "title"), on="vacancy")
    )  # fmt: skip
    places = (
        pl.when(pl.col("places").is_not_null())
        .then(pl.format("名额{}，", "places"))
        .otherwise(pl.lit("名额不明，"))
    )
    text = pl.concat_str(
        pl.coalesce("employer", pl.lit("单位不明")), pl.lit(" "), pl.coalesce("title", pl.lit("岗位不明")), pl.lit("："),
        pl.col("why").replace(_WHY), pl.lit("；"), "reasons", pl.lit("；"), places, pl.format("已推荐{}人", "times"),
    )  # fmt: skip
    return full.select("person", "rank", "vacancy", _hundred("score"), text.alias("reasons"))


def _nothing(market: Market, shown: pl.DataFrame) -> pl.DataFrame:
    """One line for every seeker no vacancy fits, with what stands in the way."""
    without = market.people.filter(~pl.col("person").is_in(shown["person"].unique().implode())).select(
        "person"
    )
    if market.jobs.is_empty():
        text = without.with_columns(pl.lit("没有在招的合法岗位可推荐").alias("reasons"))
    else:
        names = {r.rule: r.name for r in market.book.rules}
        counts = market.refusals(without["person"].to_list()).sort(
            "person", "vacancies", "rule", descending=[False, True, False]
        )
        said = pl.format("{}不符{}个", pl.col("rule").replace(names), "vacancies")
        lines = counts.group_by("person", maintain_order=True).agg(said.head(4).str.join("，").alias("told"))
        text = without.join(lines, on="person", how="left").select(
            "person",
            pl.format(
                "{}个在招岗位没有合适的：{}", pl.lit(market.jobs.height), pl.col("told").fill_null("")
            ).alias("reasons"),
        )
    return text.select(
        "person", pl.lit(None, dtype=pl.Int32).alias("rank"), pl.lit(None, dtype=pl.String).alias("vacancy"),
        pl.lit(None, dtype=pl.Float64).alias("score"), "reasons",
    )  # fmt: skip


def _report(
    out: Path, market: Market, people: pl.DataFrame, shown: pl.DataFrame, allocated: pl.DataFrame, as_of: date
) -> dict[str, Any]:
    even = audit.spread(shown, market.jobs)
    seekers = people.filter(pl.col("not_seeking").is_null())
    groups = audit.by_group(seekers, shown, as_of, allocated)
    names = {r.rule: r.name for r in market.book.rules}
    short = why.lacking(market, market.one_short(SHORT))
    short = short.select(
        pl.col("rule").replace(names).alias("name"), "what", "persons", "vacancies", "places"
    )
    figures = [
        ("求职人数", str(seekers.height)), ("有推荐的人数", str(even["persons"])), ("统筹有岗人数", str(allocated.height)),
        ("在招合法岗位个数", str(market.jobs.height)), ("招聘人数", str(market.jobs["places"].sum())),
        ("被推荐过的岗位占比", f"{even['coverage']:.3f}"), ("按名额计的基尼系数（0为最均衡）", f"{even['gini']:.3f}"),
        ("低于最高组八成的组数", str(groups.filter(pl.col("fair").eq(False)).height)),
    ]  # fmt: skip
    sheets = [
        ("总览", pl.DataFrame(figures, schema={"measure": pl.String, "value": pl.String}, orient="row")),
        (
            "分组比较",
            _named(groups).with_columns(pl.col("fair").replace_strict({True: "是", False: "否"}, default="")),
        ),
        ("差一个条件", short),
    ]
    write_workbook(sheets, HEADINGS, WIDTHS, out / "matching_report.xlsx")
    return {
        "seekers": seekers.height, "seekers_listed": even["persons"], "vacancies_open": market.jobs.height,
        "recommendations": even["shown"], "allocated_first": allocated.height,
        "coverage": round(even["coverage"], 4), "gini_per_place": round(even["gini"], 4),
        "groups_below_fair": groups.filter(pl.col("fair").eq(False)).height,
    }  # fmt: skip


def _named(groups: pl.DataFrame) -> pl.DataFrame:
    """Counties by name, shares in percent."""
    names = {code: why.place_name(code) for code in groups["group"] if code.isdigit() and len(code) == 6}
    shares = [(pl.col(c) * 100).round(1).alias(c) for c in ("listed_ratio", "placed_ratio")]
    return groups.with_columns(pl.col("group").replace(names), *shares)


def told(out: Path, person: str, vacancy: str) -> Iterator[str]:
    """Why a vacancy suits a person or not, in Chinese. `person`: number or citizen id; `vacancy`: file:sheet:row."""
    if not (out / KEPT / "people.parquet").is_file():
        raise WhyError(f"{out} 里没有匹配结果，先运行 ./chunfeng run。 / no matching in it: run first.")
    people = pl.read_parquet(out / KEPT / "people.parquet")
    number = person
    golden = out / "persons.parquet"
    if golden.is_file():
        ids = pl.read_parquet(golden, columns=["person", "id18"]).filter(pl.col("id18") == person.upper())
        number = str(ids["person"][0]) if ids.height else person
    one = people.filter(pl.col("person") == number)
    if one.is_empty():
        raise WhyError(f"没有 {person} 这个人。 / nobody by that number in it.")
    jobs = pl.read_parquet(out / KEPT / "jobs.parquet")
    job = jobs.filter(pl.col("vacancy") == vacancy)
    if job.is_empty():
        example = f"，写法如 {jobs['vacancy'][0]}" if jobs.height else ""
        raise WhyError(f"没有岗位 {vacancy}（共{jobs.height}个{example}）。 / no such vacancy.")
    yield from why.told(one.select(list(tables.PEOPLE)), job)
    note = one["note"][0]
    if note is not None:
        yield f"注意：{note}。"
