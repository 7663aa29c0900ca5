"""A column of requests → topic, urgency and who answers, each with the cue that decided."""

from __future__ import annotations

import polars as pl

from chunfeng.engines.identity.han import simplified_forms
from chunfeng.engines.matching.tickets.lists import lists

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "topic": pl.String, "urgent": pl.Boolean, "partner": pl.String, "cue": pl.String, "danger": pl.String,
    "runner_up": pl.String,
}  # fmt: skip
"""`topic` null: no cue, a person must read it. `cue`, `danger`: the words that decided. `runner_up`: the next topic."""
UNRELATED = "无关"
_TIE = 100


def sort_requests(texts: pl.Series) -> pl.DataFrame:
    """Columns of SCHEMA for every text; each distinct text is sorted once. Null and blank: all null, not urgent."""
    typed = texts.cast(pl.String).rename("text").to_frame()
    distinct = typed.filter(pl.col("text").str.strip_chars() != "").unique(maintain_order=True)
    sorted_ = pl.concat([distinct, _sorted(_plain(distinct["text"]))], how="horizontal")
    joined = typed.join(sorted_, on="text", how="left", maintain_order="left")
    return joined.select(pl.col("urgent").fill_null(False) if c == "urgent" else pl.col(c) for c in SCHEMA)


def _plain(texts: pl.Series) -> pl.Series:
    """Standard characters and signs; blanks and line ends out, sentence ends one sign."""
    forms = simplified_forms()
    foreign = [(a, b) for a, b in forms.items() if a != b]
    text = texts.str.normalize("NFKC").str.replace_many([a for a, _ in foreign], [b for _, b in foreign])
    text = text.str.replace_all(lists().calm, "")
    return (
        text.str.replace_all(r"[!！?？;；\n\r]+", "。")
        .str.replace_all(r"[,、]", "，")
        .str.replace_all(r"\s+", "")
    )


def _sorted(plain: pl.Series) -> pl.DataFrame:
    words = lists()
    topics = list(words.cues)
    frame = plain.rename("t").to_frame()
    text = pl.col("t")
    dangers = {f"danger_{at}": d for at, d in enumerate(words.dangers)}
    frame = frame.with_columns(_danger(text, d.say, d.unless).alias(name) for name, d in dangers.items())
    sums, said = [], []
    for topic, cues in words.cues.items():
        own = [name for name, d in dangers.items() if d.topic == topic]
        weights = [text.str.contains(say).cast(pl.Int32) * weight for weight, say in cues]
        weights += [pl.col(name).is_not_null().cast(pl.Int32) * words.weight for name in own]
        sums.append(pl.sum_horizontal(weights).alias(topic))
        said.append(
            pl.coalesce(*own, *(text.str.extract(f"({say})", 1) for _, say in cues)).alias(f"said_{topic}")
        )
    scored = frame.select("t", pl.coalesce(*dangers).alias("danger"), *sums, *said)
    order = {topic: len(topics) - at for at, topic in enumerate(topics)}
    ranked = pl.concat_list(
        pl.when(pl.col(topic) > 0).then(pl.col(topic) * _TIE + order[topic]).otherwise(0) for topic in topics
    )
    by_order = {of: topic for topic, of in order.items()}
    best = scored.select(
        "t", "danger", *[f"said_{t}" for t in topics], ranked.list.sort(descending=True).alias("ranked")
    )
    named = best.with_columns(
        _topic(pl.col("ranked").list.get(0), by_order).alias("topic"),
        _topic(pl.col("ranked").list.get(1), by_order).alias("runner_up"),
    )
    cue = pl.coalesce(pl.when(pl.col("topic") == t).then(f"said_{t}") for t in topics)
    decided = named.with_columns(cue.alias("cue"), pl.col("danger").is_not_null().alias("urgent"))
    return decided.with_columns(_partner(text).alias("partner")).select(*SCHEMA)


def _topic(rank: pl.Expr, by_order: dict[int, str]) -> pl.Expr:
    return pl.when(rank > 0).then(
        (rank % _TIE).replace_strict(by_order, default=None, return_dtype=pl.String)
    )


def _danger(text: pl.Expr, say: str, unless: str | None) -> pl.Expr:
    found = text.str.extract(f"({say})", 1)
    return found if unless is None else pl.when(~text.str.contains(unless)).then(found)


def _partner(text: pl.Expr) -> pl.Expr:
    words = lists()
    told = []
    for first in (True, False):
        if not first:
            told.append(pl.col("topic").replace_strict(words.leads, default="人社", return_dtype=pl.String))
        for also in words.also:
            if also.first == first:
                of_topic = pl.col("topic").is_in(also.topics) if also.topics else pl.lit(True)
                told.append(pl.when(text.str.contains(also.say) & of_topic).then(pl.lit(also.partner)))
    every = pl.concat_list(told).list.drop_nulls().list.eval(pl.element().filter(pl.element() != ""))
    joined = every.list.unique(maintain_order=True).list.join(";")
    unrelated = (pl.col("topic") == UNRELATED) & ~pl.col("urgent")
    return pl.when(~unrelated.fill_null(False) & (joined != "")).then(joined)
