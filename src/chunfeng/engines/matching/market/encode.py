"""Tables → arrays the kernel runs over: hard rules as bits, occupations as numbers, places as a small table of distances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from chunfeng.engines.matching.market import pairing
from chunfeng.engines.matching.market.book import MarketBook, RulesError
from chunfeng.engines.matching.market.layout import NEVER, Ints, Jobs, Longs, People, Places, Terms, Words
from chunfeng.reference import coordinates

TIES = 2**32


@dataclass(frozen=True, slots=True)
class Bits:
    """Which bit of the words stands for what. `groups`: bits of `need` by rule, `slots`: the rules decided by other means."""

    education: tuple[int, ...]
    forms: Mapping[str, int]
    certificates: Mapping[str, int]
    states: Mapping[str, int]
    needs: Mapping[str, int]
    groups: Words
    slots: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Ground:
    """Codes of the places jobs lie in, of homes and of sets of accepted places, in the order of the arrays."""

    places: tuple[str, ...]
    homes: tuple[str, ...]
    sets: tuple[tuple[str, ...], ...]


FORMS = ("full", "part", "temporary")


def bits(book: MarketBook, certificates: Sequence[str]) -> Bits:
    """The layout for a book and the certificates that any job asks for. Raises RulesError when 64 bits are too few."""
    education = book.rules[book.index("education")]
    steps = len(education.steps)
    room = 64 - steps - len(FORMS)
    if len(certificates) > room:
        raise RulesError(f"证书种类太多：{len(certificates)}，最多{room} / too many kinds of certificate")
    ladder = tuple(range(steps))
    forms = {form: steps + i for i, form in enumerate(FORMS)}
    held = {name: steps + len(FORMS) + i for i, name in enumerate(certificates)}
    groups = np.zeros(len(book.rules), np.uint64)
    for rule, used in (("education", ladder), ("form", forms.values()), ("certificate", held.values())):
        groups[book.index(rule)] = sum(1 << bit for bit in used)
    contrary = book.rules[book.index("needs")]
    states = {state: i for i, state in enumerate(sorted(set(contrary.pairs.values())))}
    slots = [
        book.index(rule) for rule in ("needs", "area", "pay", "sixteen", "retirement", "certificate_end")
    ]
    needs = {need: i for i, need in enumerate(book.scores.meets)}
    return Bits(ladder, forms, held, states, needs, groups, np.array(slots, np.int64))


def terms(book: MarketBook, employer: bool = False) -> Terms:
    """The weights and shares of a side, as the kernel takes them."""
    s = book.scores
    floor = [s.floor[k] for k in ("low", "middle", "below", "unknown")]
    weights = s.employer if employer else s.person
    return Terms(
        np.array(weights, np.int32), np.array(s.occupation, np.int32), np.array(floor, np.int32),
        s.place["town"], s.place["named"], employer,
    )  # fmt: skip


def ground(people: pl.DataFrame, jobs: pl.DataFrame) -> Ground:
    """Every place, home and set of accepted places that occurs; "" is unknown."""
    places = ("", *sorted(set(jobs["county"].drop_nulls()) - {""}))
    homes = ("", *sorted(set(people["county"].drop_nulls()) - {""}))
    named = accepted(people).unique()
    return Ground(
        places, homes, tuple(sorted(tuple(text.split(";")) if text != "?" else ("?",) for text in named))
    )


def accepted(table: pl.DataFrame) -> pl.Series:
    """The set of accepted places of each row as one text: "?" where nothing is said, "" for anywhere."""
    said = pl.col("accepts")
    some = said.list.len() > said.list.count_matches(None)
    raw = table.select(pl.when(some).then(said.list.join(";", ignore_nulls=True)).fill_null("?").alias("a"))[
        "a"
    ]
    # few different texts: sorting each list would cost more than the search
    return raw.replace_strict({text: _in_order(text) for text in raw.unique()}, return_dtype=pl.String)


def _in_order(text: str) -> str:
    parts = set(text.split(";"))
    return "" if "" in parts else ";".join(sorted(parts))


def _stem(code: str) -> str:
    """350000 → 35, 350200 → 3502: what the codes of all places within begin with."""
    return code[:2] if code[2:6] == "0000" else (code[:4] if code[4:6] == "00" else code)


def overlaps(one: str, other: str) -> bool:
    """Whether one place lies in the other; a city does not say which of its counties."""
    a, b = _stem(one), _stem(other)
    return a.startswith(b) or b.startswith(a)


def places(book: MarketBook, where: Ground) -> Places:
    """What each set says of each place, and how near it is to each home. Distances are between county seats."""
    area = np.ones((len(where.sets), len(where.places)), np.uint8)
    for row, accepted in enumerate(where.sets):
        if accepted in (("?",), ("",)):
            continue
        for column, place in enumerate(where.places):
            if place:
                area[row, column] = 2 if any(overlaps(one, place) for one in accepted) else 0
    share = book.scores.place
    near = np.full((len(where.homes), len(where.places)), share["unknown"], np.int32)
    for row, home in enumerate(where.homes):
        for column, place in enumerate(where.places):
            if not home or not place:
                continue
            km = kilometres(home, place)
            if home == place:
                near[row, column] = share["county"]
            elif km is not None:
                near[row, column] = next((part for limit, part in book.scores.near if km <= limit), 0)
    return Places(area, near)


def kilometres(home: str, place: str) -> float | None:
    """Between the seats of two counties; None where one is not known."""
    one, other = coordinates.seat(home), coordinates.seat(place)
    return None if one is None or other is None else coordinates.kilometres(one, other)


def people(table: pl.DataFrame, book: MarketBook, layout: Bits, where: Ground) -> People:
    """The people of a table (columns of PEOPLE), in its order."""
    steps = len(layout.education)
    every = sum(1 << b for b in layout.education)
    ladder = {rank: sum(1 << b for b in layout.education[: rank + 1]) for rank in range(steps)}
    forms = {form: 1 << bit for form, bit in layout.forms.items()}
    held = _mask(table["certificates"], {name: 1 << bit for name, bit in layout.certificates.items()})
    all_certificates = np.uint64(sum(1 << bit for bit in layout.certificates.values()))
    more = table.select(
        pl.col("certificates").is_null() | ~pl.col("certificates_all").fill_null(True)
    ).to_series()
    may_have = more.to_numpy().astype(np.uint64) * all_certificates & ~held
    no_schooling = table["education"].is_null().to_numpy()
    education = _coded(table["education"], ladder, every)
    form = _coded(table["work_type"], forms, sum(forms.values()))
    unknown = may_have + no_schooling.astype(np.uint64) * np.uint64(every)
    contrary = book.rules[book.index("needs")].pairs
    avoid = {need: 1 << layout.states[state] for need, state in contrary.items()}
    sets = {";".join(s): i for i, s in enumerate(where.sets)}
    area = accepted(table).replace_strict(sets, return_dtype=pl.Int32)
    occ_at, occ = _lists(packed(table["occupation"].explode(empty_as_null=True)), table["occupation"])
    cert_at, cert_bit, cert_until = _papers(table, layout)
    s = book.scores
    return People(
        have=education | form | held | may_have, unknown=unknown,
        avoid=_mask(table["barriers"], avoid), certs=held,
        needs=_mask(table["barriers"], {need: 1 << bit for need, bit in layout.needs.items()}),
        area=area.to_numpy().astype(np.int32), home=_at(table["county"], where.homes), town=_town(table["village"]),
        floor=_amount(table["pay_floor"]), earliest=_days(table["birth_date"].dt.offset_by("16y")),
        latest=_days(table["retires_on"]),
        tier=np.array(s.tier, np.int32)[table["tier"].fill_null(len(s.tier)).clip(1, len(s.tier)).to_numpy() - 1],
        tie=table["lottery"].fill_null(0).to_numpy().astype(np.uint64) % np.uint64(TIES),
        occ_at=occ_at, occ=occ, cert_at=cert_at, cert_bit=cert_bit, cert_until=cert_until,
    )  # fmt: skip


def jobs(table: pl.DataFrame, book: MarketBook, layout: Bits, where: Ground) -> Jobs:
    """The jobs of a table (columns of JOBS), in its order. An unknown end of a certificate, start or limit refuses nobody."""
    step = {rank: 1 << bit for rank, bit in enumerate(layout.education)}
    certs = _mask(table["certificates"], {name: 1 << bit for name, bit in layout.certificates.items()})
    form = _coded(table["work_type"], {f: 1 << bit for f, bit in layout.forms.items()}, 0)
    s = book.scores
    met: dict[str, int] = {}
    for need, offers in s.meets.items():
        for offer in offers:
            met[offer] = met.get(offer, 0) | 1 << layout.needs[need]
    low, high = _amount(table["pay_low"]), _amount(table["pay_high"])
    middle = np.where(low >= 0, np.where(high >= 0, (low.astype(np.int64) + high) // 2, low), -1)
    span = s.pay["to"] - s.pay["from"]
    share = np.where(middle < 0, s.pay["unknown"], np.clip((middle - s.pay["from"]) * 100 // span, 0, 100))
    top = len(s.priority) - 1
    return Jobs(
        need=_coded(table["education"], step, 0) | form | certs, certs=certs,
        states=_mask(table["offers"], {state: 1 << bit for state, bit in layout.states.items()}),
        meets=_mask(table["offers"], met), place=_at(table["county"], where.places), town=_town(table["place"]),
        low=low, high=high, start=_days(table["starts_on"]), occ=packed(table["occupation"]), pay=share.astype(np.int32),
        priority=np.array(s.priority, np.int32)[table["priority"].fill_null(0).clip(0, top).to_numpy()],
        tie=tie_numbers(table["vacancy"]),
    )  # fmt: skip


def packed(codes: pl.Series) -> Ints:
    """Occupation codes as numbers that keep the tree: 6-05-01-03 → each level in base 200, one up; 0 where not known."""
    parts = codes.cast(pl.String).str.split_exact("-", 3).struct.unnest()
    number = pl.lit(0, dtype=pl.Int64)
    for level, column in enumerate(parts.columns):
        value = pl.col(column).cast(pl.Int64, strict=False)
        number = number * 200 + (value if level == 0 else value + 1).fill_null(0)
    valid = pl.col(parts.columns[0]).cast(pl.Int64, strict=False).is_between(1, 9).fill_null(False)
    return cast(
        "Ints", parts.select(pl.when(valid).then(number).otherwise(0).cast(pl.Int32)).to_series().to_numpy()
    )


def tie_numbers(keys: pl.Series, seed: str = "") -> Words:
    """A number below 2^32 for each key, the same on every machine: FNV-1a over the bytes, with a published seed before them."""
    texts = (
        keys.cast(pl.String)
        .alias("k")
        .to_frame()
        .select((pl.lit(seed) + pl.col("k")).fill_null(""))["literal"]
    )
    if texts.is_empty():
        return np.zeros(0, np.uint64)
    array = texts.to_arrow().cast("large_string")
    _, ends, data = array.buffers()
    offsets = np.frombuffer(ends, np.int64)[array.offset : array.offset + len(array) + 1]
    body = np.zeros(0, np.uint8) if data is None else np.frombuffer(data, np.uint8)
    return pairing.hashes(np.ascontiguousarray(offsets), body)


def _mask(lists: pl.Series, values: Mapping[str, int]) -> Words:
    """The bits of each list's known words; 0 for none and for null."""
    out = np.zeros(len(lists), np.uint64)
    flat = pl.DataFrame({"v": lists}).with_row_index("i").explode("v", empty_as_null=True).drop_nulls("v")
    known = flat.filter(pl.col("v").is_in(list(values)))
    words = known["v"].replace_strict(dict(values), default=0, return_dtype=pl.UInt64).to_numpy()
    np.bitwise_or.at(out, known["i"].to_numpy(), words)
    return out


def _coded(column: pl.Series, values: Mapping[int, int] | Mapping[str, int], otherwise: int) -> Words:
    """The word of each value; `otherwise` for null and for what is not known."""
    words = column.replace_strict(dict(values), default=otherwise, return_dtype=pl.UInt64)
    return cast("Words", words.fill_null(otherwise).to_numpy())


def _at(codes: pl.Series, known: Sequence[str]) -> Ints:
    at = codes.replace_strict({c: i for i, c in enumerate(known)}, default=0, return_dtype=pl.Int32)
    return cast("Ints", at.fill_null(0).to_numpy())


def _town(codes: pl.Series) -> Longs:
    long = pl.when(pl.col("c").str.len_chars() >= 9).then(
        pl.col("c").str.slice(0, 9).cast(pl.Int64, strict=False)
    )
    return cast("Longs", codes.alias("c").to_frame().select(long.fill_null(0)).to_series().to_numpy())


def _amount(column: pl.Series) -> Ints:
    return cast("Ints", column.cast(pl.Int32).fill_null(-1).to_numpy())


def _days(column: pl.Series) -> Ints:
    return cast("Ints", column.cast(pl.Date).to_physical().fill_null(int(NEVER)).to_numpy().astype(np.int32))


def _lists(values: Ints, lists: pl.Series) -> tuple[Longs, Ints]:
    """Offsets and values of lists, without what is unknown (0) or repeated in the same list."""
    lengths = lists.list.len().fill_null(0).to_numpy()
    rows = np.repeat(np.arange(len(lists)), np.maximum(lengths, 1))
    kept = (
        pl.DataFrame({"row": rows, "value": values}).filter(pl.col("value") != 0).unique(maintain_order=True)
    )
    at = np.zeros(len(lists) + 1, np.int64)
    np.add.at(at, kept["row"].to_numpy() + 1, 1)
    return np.cumsum(at), cast("Ints", kept["value"].to_numpy().astype(np.int32))


def _papers(table: pl.DataFrame, layout: Bits) -> tuple[Longs, Words, Ints]:
    """Per person the certificates with an end: the latest end of each kind; one copy without an end never runs out."""
    columns = ["certificates", "certificate_until"]
    paired = table.with_row_index("i").filter(
        pl.col("certificate_until").list.len().fill_null(0) == pl.col("certificates").list.len().fill_null(0)
    )
    flat = paired.select("i", *columns).explode(columns, empty_as_null=True).drop_nulls("certificates")
    ends = (
        flat.filter(pl.col("certificates").is_in(list(layout.certificates)))
        .group_by("i", "certificates").agg(
            pl.col("certificate_until").max().alias("end"), pl.col("certificate_until").is_null().any().alias("open")
        )
        .filter(~pl.col("open")).sort("i", "certificates")
    )  # fmt: skip
    at = np.zeros(table.height + 1, np.int64)
    np.add.at(at, ends["i"].to_numpy().astype(np.int64) + 1, 1)
    words = _coded(ends["certificates"], {n: 1 << b for n, b in layout.certificates.items()}, 0)
    return np.cumsum(at), words, _days(ends["end"])
