"""The same rules and points as one SQL query over the two tables, pair by pair: slow, plain, and the judge of the kernel."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import polars as pl

from chunfeng.engines.matching.market import encode, tables
from chunfeng.engines.matching.market.book import MarketBook

_OVERLAP = "(starts_with({a}, {b}) OR starts_with({b}, {a}))"
_LACKING = "list_filter(job_certificates, c -> NOT coalesce(list_contains(certificates, c), false))"
_STEM = "CASE WHEN {c}[3:6] = '0000' THEN {c}[1:2] WHEN {c}[5:6] = '00' THEN {c}[1:4] ELSE {c} END"


def scored(
    people: pl.DataFrame, jobs: pl.DataFrame, book: MarketBook, employer: bool = False
) -> pl.DataFrame:
    """Every pair of `people` and `jobs` that breaks no rule: person, vacancy, score, tie."""
    return _run(people, jobs, book, employer, "fails = 0")


def best(
    people: pl.DataFrame, jobs: pl.DataFrame, book: MarketBook, k: int, employer: bool = False
) -> pl.DataFrame:
    """The best `k` of each person, or with `employer` of each vacancy: key, rank, other, score."""
    key, other = ("vacancy", "person") if employer else ("person", "vacancy")
    pairs = scored(people, jobs, book, employer).sort(
        key, "score", "tie", other, descending=[False, True, True, False]
    )
    ranked = pairs.with_columns(pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over(key).alias("rank"))
    return ranked.filter(pl.col("rank") <= k).select(key, "rank", other, "score")


def failing(people: pl.DataFrame, jobs: pl.DataFrame, book: MarketBook) -> pl.DataFrame:
    """Every pair with the rules it breaks, one bit each: person, vacancy, fails."""
    return _run(people, jobs, book, False, "TRUE")


def _run(
    people: pl.DataFrame, jobs: pl.DataFrame, book: MarketBook, employer: bool, where: str
) -> pl.DataFrame:
    people, jobs = tables.people_table(people), tables.jobs_table(jobs)
    ties = jobs.with_columns(pl.Series("tie", encode.tie_numbers(jobs["vacancy"])))
    counties = sorted({*people["county"].drop_nulls(), *jobs["county"].drop_nulls()})
    far = [(a, b, encode.kilometres(a, b)) for a in counties for b in counties]
    km = pl.DataFrame(far, schema={"home": pl.String, "place": pl.String, "km": pl.Float64}, orient="row")
    with duckdb.connect(config={"threads": 1}) as db:
        for name, table in (("p", people), ("j", ties), ("d", km)):
            db.register(name, table.to_arrow())
        return db.sql(query(book, employer, where)).pl()


def query(book: MarketBook, employer: bool = False, where: str = "fails = 0") -> str:
    """The query over p (PEOPLE), j (JOBS and `tie`) and d (home, place, km)."""
    fails = " + ".join(
        f"CASE WHEN {test} THEN {1 << book.index(rule)} ELSE 0 END" for rule, test in _tests(book).items()
    )
    parts = _parts(book, employer)
    weights = book.scores.employer if employer else book.scores.person
    total = " + ".join(f"({w} * ({part})) // 100" for w, part in zip(weights, parts, strict=True))
    return f"""
    WITH pairs AS (
      SELECT p.*, j.* EXCLUDE (occupation, county, education, certificates, work_type, tie),
        j.occupation AS job_occupation, j.county AS job_county, j.education AS job_education,
        j.certificates AS job_certificates, j.work_type AS job_work_type,
        (xor(p.lottery % {encode.TIES}, j.tie)::UBIGINT * 2654435761) % {encode.TIES} AS tie, d.km
      FROM p CROSS JOIN j LEFT JOIN d ON d.home = p.county AND d.place = j.county),
    levels AS (SELECT *, {_level()} AS level, {_named()} AS named FROM pairs),
    told AS (SELECT person, vacancy, {fails} AS fails, ({total})::INTEGER AS score, tie FROM levels)
    SELECT * FROM told WHERE {where}"""


def _tests(book: MarketBook) -> Mapping[str, str]:
    held = "list_filter(list_zip(certificates, certificate_until), z -> z[1] = c)"
    run_out = f"len({held}) > 0 AND len(list_filter({held}, z -> z[2] IS NULL OR z[2] >= starts_on)) = 0"
    contrary = book.rules[book.index("needs")].pairs
    clash = " OR ".join(
        f"(list_contains(barriers, '{n}') AND list_contains(offers, '{s}'))" for n, s in contrary.items()
    )
    return {
        "area": f"NOT ({_anywhere()}) AND job_county <> '' AND NOT named",
        "pay": "pay_floor > pay_high",
        "needs": clash,
        "form": "work_type <> job_work_type",
        "education": "education < job_education",
        "certificate": f"certificates IS NOT NULL AND coalesce(certificates_all, true) AND len({_LACKING}) > 0",
        "certificate_end": "starts_on IS NOT NULL AND len(certificates) = len(certificate_until) AND "
        f"len(list_filter(job_certificates, c -> {run_out})) > 0",
        "sixteen": "starts_on < birth_date + INTERVAL 16 YEAR",
        "retirement": "starts_on >= retires_on",
    }


def _anywhere() -> str:
    return "accepts IS NULL OR len(accepts) = 0 OR list_contains(accepts, '')"


def _named() -> str:
    one, other = _STEM.format(c="a"), _STEM.format(c="job_county")
    inside = _OVERLAP.format(a=f"({one})", b=f"({other})")
    return f"NOT ({_anywhere()}) AND job_county <> '' AND len(list_filter(accepts, a -> {inside})) > 0"


def _level() -> str:
    """The deepest group two codes share, over all wishes: 0 to 4, 5 where none is known."""
    one, other = "string_split(o, '-')", "string_split(job_occupation, '-')"
    same = " ".join(
        f"WHEN len({one}) >= {n} AND len({other}) >= {n} AND {one}[1:{n}] = {other}[1:{n}] THEN {n}"
        for n in (4, 3, 2, 1)
    )
    known = "list_filter(occupation, o -> o IS NOT NULL AND o <> '')"
    return (
        f"CASE WHEN job_occupation IS NULL OR job_occupation = '' OR len({known}) IS NULL OR len({known}) = 0 THEN 5 "
        f"ELSE list_max(list_transform({known}, o -> CASE {same} ELSE 0 END)) END"
    )


def _parts(book: MarketBook, employer: bool) -> list[str]:
    s = book.scores
    level = (
        "CASE level " + " ".join(f"WHEN {i} THEN {share}" for i, share in enumerate(s.occupation)) + " END"
    )
    steps = " ".join(f"WHEN km <= {limit} THEN {share}" for limit, share in s.near)
    near = (
        f"CASE WHEN county = job_county AND county <> '' THEN {s.place['county']} WHEN km IS NULL THEN {s.place['unknown']} "
        f"{steps} ELSE 0 END"
    )
    same_town = "len(village) >= 9 AND len(place) >= 9 AND village[1:9] = place[1:9]"
    place = f"CASE WHEN {same_town} THEN {s.place['town']} WHEN named THEN greatest({s.place['named']}, {near}) ELSE {near} END"
    middle = "CASE WHEN pay_high IS NULL THEN pay_low ELSE (pay_low + pay_high) // 2 END"
    first, last = s.pay["from"], s.pay["to"]
    pay = (
        f"CASE WHEN pay_low IS NULL THEN {s.pay['unknown']} "
        f"ELSE least(100, (100 * greatest(0, ({middle}) - {first})) // {last - first}) END"
    )
    f = s.floor
    floor = (
        f"CASE WHEN pay_floor IS NULL OR pay_low IS NULL THEN {f['unknown']} WHEN pay_low >= pay_floor THEN {f['low']} "
        f"WHEN pay_high IS NULL THEN {f['unknown']} WHEN (pay_low + pay_high) // 2 >= pay_floor THEN {f['middle']} "
        f"ELSE {f['below']} END"
    )
    known = ", ".join(f"'{need}'" for need in s.meets)
    asked = f"len(list_filter(list_distinct(barriers), b -> b IN ({known})))"
    met = " + ".join(
        f"CASE WHEN list_contains(barriers, '{n}') AND list_has_any(offers, {list(o)!r}) THEN 1 ELSE 0 END"
        for n, o in s.meets.items()
        if o
    )
    needs = f"CASE WHEN coalesce({asked}, 0) = 0 THEN 0 ELSE 100 * ({met}) // {asked} END"
    proven = f"len(job_certificates) > 0 AND len({_LACKING}) = 0"
    certificate = f"CASE WHEN {proven} THEN 100 ELSE 0 END"
    column, shares = ("coalesce(tier, 4) - 1", s.tier) if employer else ("coalesce(priority, 0)", s.priority)
    priority = (
        f"CASE least(greatest({column}, 0), {len(shares) - 1}) "
        + " ".join(f"WHEN {i} THEN {share}" for i, share in enumerate(shares))
        + " END"
    )
    doubtful = (
        f"(education IS NULL AND job_education IS NOT NULL) OR "
        f"((certificates IS NULL OR NOT coalesce(certificates_all, true)) AND len({_LACKING}) > 0) "
        "OR (pay_floor IS NOT NULL AND pay_high IS NULL)"
    )
    sure = f"CASE WHEN coalesce({doubtful}, false) THEN 0 ELSE 100 END"
    return [level, place, pay, floor, needs, certificate, priority, sure]
