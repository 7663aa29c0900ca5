"""Travel demand: every row that asks for a ride, as place, days, party, persons, and whether it was asked before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from chunfeng.engines.identity import addresses, names
from chunfeng.engines.travel import destinations, party, people, windows

ROW = ["file", "sheet", "row"]
KIND = "travel_demand"
TABLE: dict[str, pl.DataType | type[pl.DataType]] = {
    "file": pl.String, "sheet": pl.String, "row": pl.UInt32, "destination": pl.String, "earliest": pl.Date,
    "latest": pl.Date, "party": pl.UInt32, "companions": pl.String, "duplicate": pl.Boolean,
}  # fmt: skip
"""travel.csv. `destination`: six digits, zeros behind a city's or province's code; earliest, latest: days of departure,
ends included; `party` counts the traveller; `companions`: persons, joined by `;`; `duplicate`: the traveller stands in an
earlier row."""
MORE: dict[str, pl.DataType | type[pl.DataType]] = {
    "person": pl.String, "name": pl.String, "phone": pl.String, "home": pl.String, "window": pl.String,
    "wish": pl.String, "pickup": pl.String, "employer": pl.String, "to": pl.String, "charter": pl.Boolean,
    "ticket": pl.Boolean, "luggage": pl.String, "need": pl.String, "named": pl.UInt32, "found": pl.UInt32,
    "late": pl.Boolean, "differs": pl.Boolean,
}  # fmt: skip
"""What planning and findings need besides. `home`: deepest certain region code; `window`: see `windows.KINDS`; `wish`, `to`,
`pickup`: as written; `charter`: would ride together; `named`, `found`: companions told of, and linked to persons; `late`:
the wish and the day of arrival asked for exclude each other; `differs`: the earlier row asks for something else."""
_TEXTS = (
    "name", "phone", "home_address_region", "hukou_address_region", "home_address", "county", "town", "village",
    "pickup_point", "destination", "employer_name", "employer_address", "departure_wish", "latest_arrival",
    "companions", "companion_ids", "party_size__raw", "luggage", "special_need", "remark", "place", "id_number",
)  # fmt: skip


def demands(
    extracts: Sequence[pl.DataFrame],
    links: pl.DataFrame,
    persons: pl.DataFrame,
    households: pl.DataFrame,
    as_of: date,
    county: str | None,
) -> pl.DataFrame:
    """Every row of every list of travel demand, rejected ones too: columns TABLE, then MORE; by file, sheet, row.

    `links`: file, sheet, row, person. `persons`: person, name, other_names, id18, hukou_region, stay_region.
    `households`: household, person, role, merged. `county`: the run's county; a list's own place goes before it.
    """
    said = _said(extracts)
    who = links.select(ROW[0], pl.col("sheet").fill_null(""), pl.col("row").cast(pl.UInt32), "person")
    said = said.join(who, on=ROW, how="left").sort(*ROW).with_row_index("line")
    said = _placed(said, county)
    said = pl.concat([said, windows.read_column(said["departure_wish"], as_of)], how="horizontal")
    said = _by_arrival(said, windows.read_column(said["latest_arrival"], as_of))
    along = people.linked(
        party.listed(said["companions"], said["companion_ids"]),
        said.select("line", "person", "home"),
        persons,
        households,
    )
    each = along.group_by("line").agg(
        pl.len().cast(pl.UInt32).alias("named"),
        pl.col("person").is_not_null().sum().cast(pl.UInt32).alias("found"),
        pl.col("person").drop_nulls().unique(maintain_order=True).str.join(";").alias("companions"),
    )
    said = said.drop("companions").join(each, on="line", how="left", maintain_order="left").with_columns(
        pl.col("named", "found").fill_null(0),
        pl.when(pl.col("companions") != "").then("companions").alias("companions"),
    )  # fmt: skip
    votes = said.select(
        "file", "sheet", "named", pl.col("party_size").alias("stated"),
        pl.when(pl.col("party_size").is_null()).then("party_size__raw").alias("words"),
    )  # fmt: skip
    said = said.with_columns(party.party(votes))
    said = _repeated(said)
    return said.select([pl.col(c).cast(t) for c, t in {**TABLE, **MORE}.items()])


def _said(extracts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """What the rows say, as typed by intake; columns a list has not are null."""
    wanted: dict[str, pl.DataType | type[pl.DataType]] = {
        **dict.fromkeys(_TEXTS, pl.String), "party_size": pl.Int64, "accepts_charter": pl.Boolean, "has_ticket": pl.Boolean,
    }  # fmt: skip
    parts = [pl.DataFrame(schema={"file": pl.String, "sheet": pl.String, "row": pl.UInt32, **wanted})]
    for extract in extracts:
        if extract.height and extract["kind"][0] == KIND:
            columns = [
                (pl.col(c) if c in extract.columns else pl.lit(None)).cast(t, strict=False).alias(c)
                for c, t in wanted.items()
            ]
            parts.append(
                extract.select("file", pl.col("sheet").fill_null(""), pl.col("row").cast(pl.UInt32), *columns)
            )
    return pl.concat(parts)


def _placed(said: pl.DataFrame, county: str | None) -> pl.DataFrame:
    """With `home` and `destination`: the cell's, else the region of the firm's address or name."""
    parts = []
    for (place,), rows in said.group_by("place", maintain_order=True):
        here = str(place)[:6] if place else county
        written = rows.select(
            pl.concat_str("county", "town", "village", ignore_nulls=True).replace("", None).alias("words")
        )["words"]
        home = pl.coalesce(
            "home_address_region", "hukou_address_region", addresses.read_column(written, here)["code"],
            addresses.read_column(rows["home_address"], here)["code"], pl.lit(here),
        )  # fmt: skip
        goes = pl.coalesce(
            destinations.read_column(rows["destination"], here).alias("_cell"),
            destinations.read_column(rows["employer_address"], here).alias("_address"),
            pl.when(pl.col("destination").is_null() | pl.col("destination").str.contains("厂|公司|单位|企业|原"))
            .then(destinations.of_address(rows["employer_name"], here).alias("_firm")),
        )  # fmt: skip
        parts.append(rows.with_columns(home.alias("home"), goes.alias("goes")))
    placed = (
        pl.concat(parts).sort("line")
        if parts
        else said.with_columns(home=pl.col("place"), goes=pl.col("place"))
    )
    return placed.rename(
        {"destination": "to", "goes": "destination", "departure_wish": "wish", "pickup_point": "pickup",
         "employer_name": "employer", "accepts_charter": "charter", "has_ticket": "ticket", "special_need": "need"}
    ).with_columns(pl.col("wish").alias("departure_wish"))  # fmt: skip


def _by_arrival(said: pl.DataFrame, arrival: pl.DataFrame) -> pl.DataFrame:
    """The window cut by the day one must have arrived; left alone where the two exclude each other."""
    due = said.with_columns(arrival["latest"].alias("due"))
    late = (pl.col("earliest") > pl.col("due")).fill_null(False)
    return due.with_columns(
        late.alias("late"),
        pl.when(~late).then(pl.min_horizontal("latest", "due")).otherwise("latest").alias("latest"),
    )


def _repeated(said: pl.DataFrame) -> pl.DataFrame:
    """With `duplicate`: a linked row whose person, an unlinked one whose name with number, phone or home, stood before."""
    key = pl.concat(
        [said.select("line", "person"), names.read_column(said["name"])["key"].to_frame()], how="horizontal"
    )
    key = said.select("line", "person", "phone", "home", "id_number").with_columns(key["key"])
    alike = pl.concat(
        [
            key.select("line", pl.concat_str(pl.lit("person"), "person", separator="\x1f").alias("mark")),
            key.select("line", pl.concat_str(pl.lit("number"), "key", "id_number", separator="\x1f").alias("mark")),
            key.select("line", pl.concat_str(pl.lit("phone"), "key", "phone", separator="\x1f").alias("mark")),
            # two of one name live in many a village: only a row that neither number nor link tells apart
            key.filter(pl.col("home").str.len_chars() == 12).select(
                "line", pl.concat_str(pl.lit("home"), "key", "home", separator="\x1f").alias("mark"),
            ).join(key.filter(pl.col("person").is_null() & pl.col("id_number").is_null()).select("line"), on="line", how="semi"),
        ]
    ).drop_nulls("mark")  # fmt: skip
    unlinked = key.filter(pl.col("person").is_null()).select("line")
    linked_marks = alike.filter(pl.col("mark").str.starts_with("person"))
    other_marks = alike.filter(~pl.col("mark").str.starts_with("person"))
    # a mark other than the person speaks only where one of the two rows is unlinked
    first = pl.concat(
        [
            linked_marks.with_columns(pl.col("line").min().over("mark").alias("first")),
            other_marks.join(unlinked, on="line", how="semi")
            .join(other_marks.rename({"line": "first"}), on="mark")
            .filter(pl.col("first") < pl.col("line")).select("line", "mark", "first"),
            other_marks.join(unlinked.rename({"line": "first"}), left_on="line", right_on="first", how="anti")
            .join(other_marks.join(unlinked, on="line", how="semi").rename({"line": "first"}), on="mark")
            .filter(pl.col("first") < pl.col("line")).select("line", "mark", "first"),
        ]
    ).group_by("line").agg(pl.col("first").min())  # fmt: skip
    marked = said.join(first, on="line", how="left", maintain_order="left").with_columns(
        (pl.col("first") < pl.col("line")).fill_null(False).alias("duplicate")
    )
    before = said.select(pl.col("line").alias("first"), *(pl.col(c).alias(f"_{c}") for c in _ASKED))
    marked = marked.join(before, on="first", how="left", maintain_order="left")
    differs = pl.any_horizontal(pl.col(c).ne_missing(pl.col(f"_{c}")) for c in _ASKED)
    return marked.with_columns((pl.col("duplicate") & differs).alias("differs"))


_ASKED = ("destination", "earliest", "latest")
