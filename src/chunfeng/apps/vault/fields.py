"""Model fields that are sealed in the database and plain in Python, and the blind index that finds them."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import FieldError
from django.db import models

from chunfeng.apps.vault.keys import ring
from chunfeng.apps.vault.sealing import seal, unseal
from chunfeng.engines.disclosure.hmac_sm3 import digest

INDEX_BYTES = 16


def blind_index(column: str, value: str) -> bytes:
    """What stands for a value where it must be found without being readable: 16 bytes of HMAC-SM3.

    `column`: what the value is (`id18`, `phone`), so that equal texts of different columns do not show as equal.
    """
    return digest(ring().index, f"{column}\0{value}".encode())[:INDEX_BYTES]


class SealedTextField(models.BinaryField):
    """A text of which the database holds only the sealed bytes. It cannot be searched; keep a blind index beside it."""

    description = "text sealed at rest"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("editable", True)
        super().__init__(*args, **kwargs)

    @property
    def bound_to(self) -> str:
        """The name authenticated along with every value."""
        return f"{self.model._meta.db_table}.{self.column}"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> str | None:
        return None if value is None else unseal(value, self.bound_to)

    def to_python(self, value: Any) -> Any:
        return value

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if value is None or value == "":
            return None
        return self.sealed(value)

    def sealed(self, value: Any) -> bytes:
        """What the database would hold for a value; for bulk loaders."""
        return seal(str(value), self.bound_to)

    def value_to_string(self, obj: models.Model) -> str:
        raise FieldError("a sealed field is not serialised")

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise FieldError(f"{self.name} is sealed: search its blind index instead")
        return super().get_lookup(lookup_name)


class BlindIndexField(models.BinaryField):
    """The blind index of a sealed field of the same row, kept in step by `save`; bulk loaders fill it themselves.

    `of`: the sealed field's name; `kind`: what the value is, as given to `blind_index`.
    """

    def __init__(self, *args: Any, of: str = "", kind: str = "", **kwargs: Any) -> None:
        self.of, self.kind = of, kind
        kwargs.setdefault("null", True)
        kwargs.setdefault("editable", False)
        kwargs.setdefault("max_length", INDEX_BYTES)
        super().__init__(*args, **kwargs)

    def deconstruct(self):  # type: ignore[no-untyped-def]
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | {"of": self.of, "kind": self.kind}

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = getattr(model_instance, self.of)
        index = blind_index(self.kind, value) if value else None
        setattr(model_instance, self.attname, index)
        return index
