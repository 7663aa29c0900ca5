"""The roles every platform begins with, from `roles.yaml`. A role that was changed on the screen is left alone."""

from __future__ import annotations

from pathlib import Path

import yaml

from chunfeng.apps.accounts.models import Role
from chunfeng.apps.gate.capabilities import Capability


def load_roles() -> int:
    """Add roles that are missing and return how many there are in the file. ValueError for an unknown capability."""
    records = yaml.safe_load((Path(__file__).parent / "roles.yaml").read_text(encoding="utf-8"))
    for record in records:
        if unknown := set(record["capabilities"]) - set(Capability.values):
            raise ValueError(f"{record['code']}: unknown capabilities {sorted(unknown)}")
    Role.objects.bulk_create([Role(**record) for record in records], ignore_conflicts=True)
    return len(records)
