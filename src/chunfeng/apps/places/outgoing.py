"""What a bulk load sends: whole columns sealed, indexed, cut to their length and ordered, in the form COPY takes.

Sealed columns are given in clear, leave this process sealed, and are sealed anew only where their blind index says that they
changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from django.db import models

from chunfeng.apps.places.copying import text_rows
from chunfeng.apps.places.scoped import ScopedModel
from chunfeng.apps.vault.columns import blind_indexes, sealed
from chunfeng.apps.vault.fields import BlindIndexField, SealedTextField
from chunfeng.apps.vault.json import SealedJSONField

POSITION = "incoming_position"
"""The column that numbers the rows of a load, before all others."""


def indexes_of(model: type[models.Model]) -> dict[str, str]:
    """Sealed column → the column that says whether it changed."""
    fields = model._meta.concrete_fields
    found = {f.of: f.column for f in fields if isinstance(f, BlindIndexField)}
    digest = next((f.column for f in fields if f.name == "digest"), None)
    return found | {f.column: digest for f in fields if isinstance(f, SealedJSONField) and digest}


class Outgoing:
    """The rows of one load, frame by frame.

    `fields`: the columns sent, in their order, with their fields; `within`: values of those that frames leave out; `order`:
    columns of the frames by which the rows of each go. `shortened` counts texts that were longer than their column.
    """

    def __init__(
        self,
        model: type[ScopedModel],
        fields: Mapping[str, models.Field],
        within: Mapping[str, Any],
        order: Sequence[str],
    ) -> None:
        self.model, self.fields, self.within, self.order = model, fields, within, order
        self.indexes = indexes_of(model)
        self.sent = self.shortened = 0

    def text(self, frame: pl.DataFrame, kept: pl.DataFrame | None) -> bytes:
        """The frame for COPY. `kept`: key and blind indexes (named …_kept) of rows that are there, not to be sealed anew."""
        frame = frame.sort(self.order) if self.order else frame
        ready = self._ready(frame, kept).with_row_index(POSITION, offset=self.sent)
        self.sent += frame.height
        return text_rows(ready)

    def _ready(self, frame: pl.DataFrame, kept: pl.DataFrame | None) -> pl.DataFrame:
        """All columns of the stage in its order, sealed, cut to their length."""
        for name, index in self.indexes.items():
            if name in frame.columns:
                frame = frame.with_columns(self._index(name, frame[name]).alias(index))
        if kept is not None:
            frame = frame.join(kept, on=kept.columns[0], how="left", maintain_order="left")
        return pl.DataFrame([self._column(name, field, frame) for name, field in self.fields.items()])

    def _column(self, name: str, field: models.Field, frame: pl.DataFrame) -> pl.Series:
        if name not in frame.columns:
            column = pl.Series(name, [self.within[name]]).new_from_index(0, frame.height)
        elif isinstance(field, SealedTextField):
            index = self.indexes.get(name)
            clear = frame[name]
            if f"{index}_kept" in frame.columns:
                nothing = pl.Series([None], dtype=pl.String).new_from_index(0, frame.height)
                clear = nothing.zip_with(frame[index].eq_missing(frame[f"{index}_kept"]), clear).rename(name)
            column = sealed(clear, field.bound_to, compressed=isinstance(field, SealedJSONField))
        else:
            column = self._fitting(frame[name], field)
        return pl.Series(name, "\\x" + column) if isinstance(field, models.BinaryField) else column

    def _index(self, name: str, values: pl.Series) -> pl.Series:
        field = self.model._meta.get_field(self.indexes[name])
        kind = field.kind if isinstance(field, BlindIndexField) else f"{self.model._meta.db_table}.{name}"
        return blind_indexes(kind, values)

    def _fitting(self, values: pl.Series, field: models.Field) -> pl.Series:
        most = field.max_length
        if not isinstance(field, models.CharField) or values.dtype != pl.String or not most:
            return values
        long = values.str.len_chars() > most
        if not long.any():
            return values
        self.shortened += int(long.sum())
        return values.zip_with(~long.fill_null(False), values.str.slice(0, most - 1) + "…")
