"""A JSON value sealed as a whole: compressed first, because repeated file names and sources shrink to a tenth."""

from __future__ import annotations

import json
import zlib
from typing import Any

from chunfeng.apps.vault.fields import SealedTextField
from chunfeng.apps.vault.sealing import seal_bytes, unseal_bytes


class SealedJSONField(SealedTextField):
    """A JSON value of which the database holds only the sealed bytes."""

    description = "JSON sealed at rest"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return None if value is None else json.loads(zlib.decompress(unseal_bytes(value, self.bound_to)))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if value is None:
            return None
        return self.sealed(value)

    def sealed(self, value: Any) -> bytes:
        """What the database would hold for a value; for bulk loaders."""
        packed = zlib.compress(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), 6)
        return seal_bytes(packed, self.bound_to)
