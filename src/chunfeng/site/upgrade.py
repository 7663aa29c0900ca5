"""Bring the database to this version: tables, walls, and what is loaded from reference data. Runs as the owner."""

from __future__ import annotations

import os

APPEND_ONLY = ("audit_event",)


def upgrade(verbosity: int = 1) -> None:
    """Migrate, put up the walls, load regions and roles. Safe to run again."""
    os.environ["CHUNFENG_AS_OWNER"] = "1"
    setup()
    from django.core.management import call_command

    from chunfeng.apps.accounts.roles import load_roles
    from chunfeng.apps.campaigns.loading import load_shipped
    from chunfeng.apps.places import walls
    from chunfeng.apps.places.loading import load_regions
    from chunfeng.site.environment import WEB_ROLE

    call_command("migrate", verbosity=verbosity, interactive=False)
    walls.build(WEB_ROLE, APPEND_ONLY)
    load_regions()
    load_roles()
    load_shipped()


def setup() -> None:
    """Make Django ready to be used from a command."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chunfeng.site.settings")
    django.setup()
