"""Bring the regions of the reference data into the database."""

from __future__ import annotations

from chunfeng.apps.places.models import Region
from chunfeng.apps.places.numbers import place_number
from chunfeng.reference import regions
from chunfeng.reference.data_files import rows


def load_regions() -> int:
    """Insert or correct every region of Fujian, and return how many there are. Regions are never deleted."""
    reporting = {row["code"]: row["reports_to"] or None for row in rows("regions/reporting_units.csv")}
    known = regions.fujian()
    names = {region.code: region.name for region in known}
    Region.objects.bulk_create(
        [
            Region(
                code=region.code,
                place=place_number(region.code),
                name=region.name,
                level=region.level,
                parent_id=region.parent if region.parent in names else None,
                reports_to_id=reporting.get(region.code, region.parent if region.parent in names else None),
                full_name="".join(names[code] for code in regions.ancestors(region.code) if code in names),
                is_functional=region.is_functional,
                no_data_entry=region.no_data_entry,
            )
            for region in known
        ],
        batch_size=2_000,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=[
            "place",
            "name",
            "level",
            "parent",
            "reports_to",
            "full_name",
            "is_functional",
            "no_data_entry",
        ],
    )
    return len(known)
