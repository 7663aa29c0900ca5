"""Whether a database may be brought to this version: one that a newer or another version made is left alone."""

from __future__ import annotations

from django.db import connection
from django.db.migrations.exceptions import InconsistentMigrationHistory
from django.db.migrations.loader import MigrationLoader

from chunfeng.site.environment import SetupError


def check() -> None:
    """SetupError where the database holds changes of tables that this code does not know, or knows in another order.

    Django must be set up, the database reachable.
    """
    loader = MigrationLoader(connection, ignore_no_migrations=True)
    ours = {app for app, _name in loader.disk_migrations}
    unknown = sorted(
        f"{app}.{name}"
        for app, name in loader.applied_migrations
        if app in ours and (app, name) not in loader.disk_migrations
    )
    try:
        loader.check_consistent_history(connection)
    except InconsistentMigrationHistory as error:
        unknown = unknown or [str(error)]
    if unknown:
        raise SetupError(
            f"数据库由更新的或另外的版本建立，本版不认识：{'、'.join(unknown[:5])}。请换用建立它的版本或更新的版本；"
            "要留着本版，请从本版的备份恢复（./chunfeng restore 文件），演示数据可以用 ./chunfeng demo --fresh 重来。"
            " / The database was made by a newer or another version: use that one, restore a backup of this one,"
            " or begin anew with demo --fresh."
        )
