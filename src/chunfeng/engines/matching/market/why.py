"""Why a vacancy is on a person's list, why another is not, and which one condition would change that, in Chinese."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from chunfeng.engines.matching.market import encode
from chunfeng.engines.matching.market.book import LEVELS, HardRule, MarketBook, load_book
from chunfeng.engines.matching.market.market import Market
from chunfeng.reference import regions

_DATES = ("sixteen", "retirement", "certificate_end")


def told(people: pl.DataFrame, jobs: pl.DataFrame, book: MarketBook | None = None) -> Iterator[str]:
    """Lines on one person and one vacancy (tables of one row each): every rule broken, what would help, what is not known, and
    the score by parts. Rules on the state of one side come first; all are named, not the first alone."""
    book = load_book() if book is None else book
    market = Market.whole(people, jobs, book)
    person, job = market.people.row(0, named=True), market.jobs.row(0, named=True)
    pair = pl.DataFrame({"person": [person["person"]], "vacancy": [job["vacancy"]]})
    bits = int(market.failing(pair)[0])
    failed = [r for i, r in enumerate(book.rules) if bits >> i & 1 or _flagged(r, person, job)]
    yield f"{person['person']} 与 {job['vacancy']}（{job['employer'] or '单位不明'} {job['title'] or '岗位不明'}）"
    if failed:
        yield f"不推荐，有{len(failed)}条不符："
        for number, rule in enumerate(failed, start=1):
            values = _values(rule, person, job, book)
            yield f"  {number}. {rule.fails.format(**values)}。〔{rule.source}〕"
            yield f"     办法：{rule.helps.format(**values)}。"
        if len(failed) == 1:
            yield f"只差这一条：{failed[0].name}。"
    else:
        yield "各项硬条件都符合，可以推荐。"
    for rule in book.rules:
        if rule not in failed and rule.unknown and _unknown(rule, person, job):
            yield f"  待核实：{rule.unknown.format(**_values(rule, person, job, book))}。"
    scored = reasons(market, market.scores(pair))
    yield f"匹配度{scored['score'][0] / 100:.1f}分（满分100）：{scored['reasons'][0]}。"


def reasons(market: Market, scored: pl.DataFrame) -> pl.DataFrame:
    """`scored` (as `Market.scores` gives it) with `reasons`: the parts with points, and what is still to be checked."""
    says, words = market.book.scores.says, market.book.words
    ours = market.people.select(
        "person",
        "village",
        "county",
        "accepts",
        "pay_floor",
        "education",
        "certificates",
        "barriers",
        "certificates_all",
        encode.accepted(market.people).alias("wanted"),
    )
    theirs = market.jobs.select(
        "vacancy", "pay_low", "pay_high", "offers", pl.col("place").alias("region"),
        pl.col("county").alias("at"), pl.col("education").alias("asked"),
        pl.col("certificates").alias("papers"),
    )  # fmt: skip
    both = scored.join(ours, on="person", how="left", maintain_order="left").join(
        theirs, on="vacancy", how="left", maintain_order="left"
    )
    both = both.with_columns(_place(both, market).alias("place_words"), _met(market.book).alias("met"))
    level = pl.col("level").replace_strict(
        {i: says["occupation"][name] for i, name in enumerate(LEVELS)}, default=""
    )
    low, floor = pl.col("pay_low"), pl.col("pay_floor")
    middle = (low + pl.col("pay_high")) // 2
    of_floor = (
        pl.when(floor.is_null() | low.is_null()).then(pl.lit(says["floor"]["unknown"]))
        .when(low >= floor).then(pl.lit(says["floor"]["low"])).when(middle.is_null()).then(pl.lit(says["floor"]["unknown"]))
        .when(middle >= floor).then(pl.lit(says["floor"]["middle"]))
        .when(pl.col("pay_high") < floor).then(pl.lit("工资达不到要求")).otherwise(pl.lit(says["floor"]["below"]))
    )  # fmt: skip
    met = pl.col("met").list.eval(pl.element().replace(dict(words))).list.join("、")
    lines = [
        ("occupation", level), ("place", pl.col("place_words")), ("pay", pl.lit(says["pay"])), ("floor", of_floor),
        ("needs", pl.lit(says["needs"].format(needs="")) + met),
        ("certificate", pl.lit(says["certificate"])), ("priority", pl.lit(says["priority"])), ("sure", pl.lit(says["sure"])),
    ]  # fmt: skip
    parts = [
        pl.when(pl.col(part) > 0).then(text + pl.lit(" +") + (pl.col(part) / 100).round(1).cast(pl.String))
        for part, text in lines
    ]
    check = [
        pl.when(pl.col("education").is_null() & pl.col("asked").is_not_null()).then(pl.lit("文化程度待核实")),
        pl.when(_doubted_papers()).then(pl.lit("待核实有无") + pl.col("papers").list.join("、")),
        pl.when(floor.is_not_null() & pl.col("pay_high").is_null()).then(pl.lit("工资上限待核实")),
        pl.when(pl.col("accepts").list.len().fill_null(0) == 0).then(pl.lit("未说愿去何地，按就近排")),
    ]
    text = pl.concat_str([*parts, *check], separator="；", ignore_nulls=True)
    return both.select(*scored.columns, text.alias("reasons"))


def _doubted_papers() -> pl.Expr:
    lacking = (
        pl.col("papers")
        .list.set_difference(pl.col("certificates").fill_null(pl.lit([], dtype=pl.List(pl.String))))
        .list.len()
        > 0
    )
    return lacking.fill_null(False) & (
        pl.col("certificates").is_null() | ~pl.col("certificates_all").fill_null(True)
    )


def _met(book: MarketBook) -> pl.Expr:
    """Needs of a person that the vacancy meets, as a list of codes."""
    hits = [
        pl.when(
            pl.col("barriers").list.contains(need)
            & pl.any_horizontal(*[pl.col("offers").list.contains(o) for o in offers])
        ).then(pl.lit(need))
        for need, offers in book.scores.meets.items()
        if offers
    ]
    return pl.concat_list(hits).list.drop_nulls()


def _place(both: pl.DataFrame, market: Market) -> pl.Expr:
    says = market.book.scores.says["place"]
    pairs = both.select("county", "at").unique().drop_nulls()
    km = {(h, a): encode.kilometres(h, a) for h, a in pairs.iter_rows()}
    texts = {f"{h}>{a}": says["near"].format(km=round(d)) for (h, a), d in km.items() if d is not None}
    key = pl.concat_str("county", pl.lit(">"), "at")
    accepted = {
        f"{';'.join(s)}>{place}": True
        for i, s in enumerate(market.where.sets)
        for n, place in enumerate(market.where.places)
        if market.A.area[i, n] == 2
    }
    named = pl.concat_str("wanted", pl.lit(">"), "at")
    town = (pl.col("village").str.len_chars() >= 9) & (
        pl.col("village").str.slice(0, 9) == pl.col("region").str.slice(0, 9)
    )
    far = (
        key.replace_strict(texts, default=None, return_dtype=pl.String)
        if texts
        else pl.lit(None, dtype=pl.String)
    )
    asked = named.is_in(list(accepted)).fill_null(False)
    return (
        pl.when(town.fill_null(False)).then(pl.lit(says["town"]))
        .when((pl.col("county") == pl.col("at")).fill_null(False)).then(pl.lit(says["county"]))
        .when(asked).then(pl.lit(says["named"])).otherwise(far.fill_null(says["unknown"]))
    )  # fmt: skip


def lacking(market: Market, short: pl.DataFrame) -> pl.DataFrame:
    """What persons are short of, over all: rule, what, persons, vacancies, places, most persons first; for training advice.

    `short`: as `Market.one_short` gives it. `what`: the certificate or the education asked for, the place, the sum.
    """
    ours = market.people.select("person", "pay_floor", pl.col("certificates").alias("held"))
    theirs = market.jobs.select("vacancy", "education", "certificates", "county", "places")
    lines = short.join(ours, on="person").join(theirs, on="vacancy")
    steps = dict(enumerate(market.book.rules[market.book.index("education")].steps))
    names = {code: place_name(code) for code in market.where.places if code}
    papers = (
        pl.col("certificates")
        .list.set_difference(pl.col("held").fill_null(pl.lit([], dtype=pl.List(pl.String))))
        .list.sort()
    )
    what = (
        pl.when(pl.col("rule").is_in(["certificate", "certificate_end"])).then(papers.list.join("、"))
        .when(pl.col("rule") == "education").then(pl.col("education").replace_strict(steps, default=None, return_dtype=pl.String))
        .when(pl.col("rule") == "area").then(pl.col("county").replace_strict(names, default=None, return_dtype=pl.String))
        .otherwise(pl.lit(""))
    )  # fmt: skip
    once = lines.with_columns(what.fill_null("").alias("what"))
    vacancies = once.unique(["rule", "what", "vacancy"]).group_by("rule", "what").agg(pl.col("places").sum())
    return (
        once.group_by("rule", "what")
        .agg(pl.col("person").n_unique().alias("persons"), pl.col("vacancy").n_unique().alias("vacancies"))
        .join(vacancies, on=["rule", "what"]).sort("persons", "rule", "what", descending=[True, False, False])
    )  # fmt: skip


def place_name(code: str) -> str:
    """The name of a place by its code of six digits, 350200 and 350000 too; the code itself where it is not known."""
    stem = code[:2] if code[2:6] == "0000" else (code[:4] if code[4:6] == "00" else code)
    found = regions.get(stem)
    return found.name if found is not None else code


def _flagged(rule: HardRule, person: Mapping[str, Any], job: Mapping[str, Any]) -> bool:
    if rule.kind != "flag":
        return False
    if rule.rule == "lawful":
        return bool(job["lawful"] != "yes")
    if rule.rule == "open":
        return job["closed"] is not None or job["places"] == 0
    return person["not_seeking"] is not None


def _unknown(rule: HardRule, person: Mapping[str, Any], job: Mapping[str, Any]) -> bool:
    if rule.rule == "area":
        return not person["accepts"]
    if rule.rule == "pay":
        return person["pay_floor"] is not None and job["pay_high"] is None
    if rule.rule == "certificate":
        lacking = set(job["certificates"] or ()) - set(person["certificates"] or ())
        return bool(lacking) and (person["certificates"] is None or person["certificates_all"] is False)
    if rule.rule == "sixteen":
        return person["birth_date"] is None
    if rule.rule in _DATES:
        return rule.person is not None and person.get(rule.person) is None
    if rule.rule == "form":
        return person["work_type"] is not None and job["work_type"] is None
    return (
        rule.job is not None
        and rule.person is not None
        and job[rule.job] is not None
        and person[rule.person] is None
    )


def _values(
    rule: HardRule, person: Mapping[str, Any], job: Mapping[str, Any], book: MarketBook
) -> dict[str, str]:
    """The two values a sentence speaks of, in words."""
    mine, theirs = person.get(rule.person or ""), job.get(rule.job or "")
    if rule.kind == "steps":
        return {"person": _step(rule, mine), "job": _step(rule, theirs)}
    if rule.kind == "bits":
        return {
            "person": _joined(mine, book),
            "job": _joined(sorted(set(theirs or ()) - set(mine or ())), book),
        }
    if rule.kind == "area":
        named = "、".join(place_name(code) for code in mine or () if code)
        return {"person": named, "job": place_name(theirs) if theirs else "不明之处"}
    if rule.kind == "contrary":
        clashes = [(n, s) for n, s in rule.pairs.items() if n in (mine or ()) and s in (theirs or ())]
        return {
            "person": _joined(list(dict.fromkeys(n for n, _ in clashes)), book),
            "job": _joined(list(dict.fromkeys(s for _, s in clashes)), book),
        }
    if rule.rule == "certificate_end":
        return {"person": _joined(_run_out(person, job), book), "job": _day(theirs)}
    if rule.rule == "sixteen":
        birth = person["birth_date"]
        day = pl.Series([birth], dtype=pl.Date).dt.offset_by("16y")[0] if birth else None
        return {"person": _day(day), "job": _day(theirs)}
    if rule.rule == "open" and theirs is None:
        theirs = "名额已满"
    return {"person": _one(mine, book), "job": _one(theirs, book)}


def _run_out(person: Mapping[str, Any], job: Mapping[str, Any]) -> list[str]:
    ends = list(zip(person["certificates"] or (), person["certificate_until"] or (), strict=False))
    return [
        c for c in job["certificates"] or ()
        if (mine := [end for held, end in ends if held == c]) and all(end is not None and end < job["starts_on"] for end in mine)
    ]  # fmt: skip


def _step(rule: HardRule, rank: int | None) -> str:
    return rule.steps[rank] if rank is not None and 0 <= rank < len(rule.steps) else "不明"


def _joined(codes: Sequence[str] | None, book: MarketBook) -> str:
    return "、".join(book.say(code) for code in codes or ()) or "无"


def _day(day: date | None) -> str:
    return day.isoformat() if day is not None else "不明"


def _one(value: Any, book: MarketBook) -> str:
    if value is None:
        return "不明"
    return _day(value) if isinstance(value, date) else book.say(str(value))
