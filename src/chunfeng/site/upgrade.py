"""Bring the database to this version: tables, walls, and what is loaded from reference data. Runs as the owner."""

from __future__ import annotations

import os

APPEND_ONLY = ("audit_event", "audit_sealedbatch", "audit_change")
_LOCK = 20230115
"""Of two upgrades at once one waits for the other."""
_FOR_PAGES = "ALTER DATABASE {} SET max_parallel_workers_per_gather = 0"
"""A page wants fifty rows: to start processes that help takes longer than the answer."""


def upgrade(verbosity: int = 1) -> None:
    """Migrate, put up the walls, load regions, roles and campaigns, leave the stamp of this code. Safe to run again."""
    os.environ["CHUNFENG_AS_OWNER"] = "1"
    setup()
    from django.core.management import call_command
    from django.db import connection

    from chunfeng.apps.accounts.roles import load_roles
    from chunfeng.apps.audit import history
    from chunfeng.apps.campaigns.loading import load_shipped
    from chunfeng.apps.places import walls
    from chunfeng.apps.places.loading import load_regions
    from chunfeng.apps.places.scope import use, whole_province
    from chunfeng.site import environment, stamp, versions

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        try:
            versions.check()
            call_command("migrate", verbosity=verbosity, interactive=False)
            walls.build(environment.web_role(), APPEND_ONLY)
            history.attach()
            cursor.execute(_FOR_PAGES.format(connection.ops.quote_name(connection.settings_dict["NAME"])))
            with use(whole_province("upgrade", "升级")):
                load_regions()
                load_roles()
                load_shipped()
            cursor.execute(f"COMMENT ON TABLE django_migrations IS '{stamp.of_code()}'")
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def setup() -> None:
    """Make Django ready to be used from a command."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chunfeng.site.settings")
    django.setup()
