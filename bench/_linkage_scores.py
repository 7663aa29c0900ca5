"""How well rows were put together, told from the truth: pairs of rows, B-cubed, recall at a precision."""

from __future__ import annotations

import polars as pl


def pairwise(rows: pl.DataFrame, cluster: str = "cluster") -> tuple[float, float]:
    """Precision and recall over all pairs of rows."""

    def pairs(*keys: str) -> int:
        count = rows.group_by(keys).len()["len"].cast(pl.Int64)
        return int((count * (count - 1) // 2).sum())

    together, claimed, true = pairs("pid", cluster), pairs(cluster), pairs("pid")
    return together / claimed if claimed else 1.0, together / true if true else 1.0


def mentions_of(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with the sizes that B-cubed needs, and whether each stands with its own person or somebody else's rows.

    A person's own cluster is the one with most of its rows; a cluster is the person's with most rows in it.
    """
    sizes = (
        rows.group_by("pid", "cluster").len("n").sort("n", "pid", "cluster", descending=[True, False, False])
    )
    own = sizes.unique("pid", keep="first", maintain_order=True).select("pid", pl.col("cluster").alias("own"))
    owner = sizes.unique("cluster", keep="first", maintain_order=True).select(
        "cluster", pl.col("pid").alias("owner")
    )
    return (
        rows.join(own, on="pid").join(owner, on="cluster").join(sizes, on=["pid", "cluster"])
        .join(rows.group_by("cluster").len("n_cluster"), on="cluster").join(rows.group_by("pid").len("n_pid"), on="pid")
        .with_columns((pl.col("cluster") == pl.col("own")).alias("with_own"), (pl.col("owner") != pl.col("pid")).alias("with_other"))
    )  # fmt: skip


def b_cubed(told: pl.DataFrame) -> float:
    """F1 of the mean share of a row's cluster, and of its person, that stands with it (Bagga and Baldwin 1998)."""
    if told.height == 0:
        return 1.0
    p, r = told.select(
        (pl.col("n") / pl.col("n_cluster")).mean(), (pl.col("n") / pl.col("n_pid")).mean().alias("r")
    ).row(0)
    return f1(p, r)


def at_precision(rows: pl.DataFrame, least: float = 0.999) -> float:
    """The best pairwise recall at that precision when links below some bits are cut, or doubtful ones above taken."""
    scored = rows.with_columns(
        pl.coalesce("score", "doubt_score").alias("bits"), pl.coalesce("person", "doubt").alias("to")
    )
    finite = scored.filter(pl.col("bits").is_finite())["bits"]
    steps = {float(finite.quantile(q / 60) or 0.0) for q in range(61)} if finite.len() else {0.0}
    found = 0.0
    for least_bits in sorted(steps):
        cut = scored.with_columns(
            pl.when(pl.col("bits") >= least_bits)
            .then("to")
            .otherwise(None)
            .fill_null(pl.format("alone {}", "at"))
            .alias("cut")
        )
        precision, recall = pairwise(cut, "cut")
        if precision >= least:
            found = max(found, recall)
    return found


def curve(truth: pl.DataFrame, found: pl.DataFrame, least: float = 0.999) -> tuple[float, float]:
    """Best F1, and recall at that precision, of the links (claim, got, score) taken from the highest score down.

    Equal scores are taken or left together. A link of a row that is nobody's is wrong.
    """
    total = truth["person"].drop_nulls().len()
    ranked = (
        found.join(truth, on="claim").select("score", (pl.col("got") == pl.col("person")).fill_null(False).alias("ok"))
        .group_by("score").agg(pl.col("ok").sum(), pl.len()).sort("score", descending=True)
        .select((pl.col("ok").cum_sum() / pl.col("len").cum_sum()).alias("p"), (pl.col("ok").cum_sum() / total).alias("r"))
    )  # fmt: skip
    best = ranked.select(
        (2 * pl.col("p") * pl.col("r") / (pl.col("p") + pl.col("r"))).fill_nan(0.0).max()
    ).item()
    return float(best or 0.0), float(ranked.filter(pl.col("p") >= least)["r"].max() or 0.0)


def odds(bits: pl.Expr, ahead: pl.Expr) -> pl.Expr:
    """Bits for the best person against both nobody and the runner-up."""
    return -(pl.lit(2.0).pow(-bits) + pl.lit(2.0).pow(-ahead.fill_null(99.0))).log(2.0)


def mean(told: pl.DataFrame, column: str) -> float:
    """Share of true in a Boolean column; 0 of nothing."""
    return float(told[column].mean() or 0.0)


def f1(p: float, r: float) -> float:
    """Harmonic mean of precision and recall."""
    return 2 * p * r / (p + r) if p + r else 0.0
