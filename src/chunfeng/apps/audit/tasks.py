"""What the worker does for this room: seals, makes export files, removes what has expired."""

from __future__ import annotations

from procrastinate.contrib.django import app

from chunfeng.apps.audit import export_files, seals
from chunfeng.apps.places.scope import use, whole_province


@app.periodic(cron="* * * * * */30")
@app.task(queueing_lock="audit.seal", lock="audit.seal", pass_context=False)
def seal_events(timestamp: int) -> None:
    """Every half minute."""
    seals.seal()


@app.task(retry=3)
def make_export(number: int) -> None:
    """Write the file of an approved request, in the scope of whoever asked."""
    export_files.make(number)


@app.periodic(cron="17 * * * *")
@app.task(queueing_lock="audit.expire", pass_context=False)
def expire_exports(timestamp: int) -> None:
    """Every hour: files past their day are deleted."""
    with use(whole_province("expiry", "到期清理")):
        export_files.expire()
