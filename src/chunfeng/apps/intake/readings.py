"""One file from the queue until its tables, problems and counts stand in the database, whatever happens in between."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
from django.db import transaction
from django.utils.translation import gettext_noop as _

from chunfeng.apps.audit.record import record
from chunfeng.apps.intake import apart, pictures, runs
from chunfeng.apps.intake.asking import AREA
from chunfeng.apps.intake.kinds import write_own
from chunfeng.apps.intake.models import Extract, SavedMapping, SentFile
from chunfeng.apps.intake.problems import keep_issues
from chunfeng.apps.intake.progress import refresh
from chunfeng.apps.intake.settled import settled_of
from chunfeng.apps.intake.versions import reasons, series_of
from chunfeng.apps.places.again import PASSING
from chunfeng.apps.places.scope import use
from chunfeng.apps.vault import files, scratch
from chunfeng.engines.sheets.answers import Answer
from chunfeng.engines.sheets.kinds import Kind, load_kinds
from chunfeng.engines.sheets.limits import DEFAULT
from chunfeng.pipeline import reading
from chunfeng.pipeline.workers import Crash

log = logging.getLogger(__name__)

STEPS = (_("打开文件"), _("读取各表"), _("核对名单"), _("保存结果"))
MOST_ATTEMPTS = 10
"""Times a file is taken up before it is refused, if the last time the worker was killed over it."""


class Overtaken(RuntimeError):
    """The file is to be read anew meanwhile: nothing of this reading may be kept."""


class Cut(RuntimeError):
    """The process that read the file crashed, hung or took too much memory."""


@dataclass
class _Job:
    """One reading of one file."""

    file: SentFile
    folder: Path
    task: reading.Task | pictures.Task
    kinds: dict[str, Kind] = field(default_factory=dict)


def read(number: int, county: str, attempt: int, before: int = 0) -> None:
    """Read a file that was handed in; nothing happens when a later reading was asked for.

    `before`: times it was tried already. Errors of the database and of the disk are raised: it is to be done again.
    """
    try:
        file = _take_up(number, county, attempt, before)
        if file is None:
            return
        try:
            with scratch.private(f"file-{number}") as folder:
                _do(file, folder)
        except OSError:
            _step(file, 0, state=SentFile.State.WAITING)
            raise
    except Overtaken as error:
        log.info("%s", error)


def _do(file: SentFile, folder: Path) -> None:
    """Read a file that was taken up. Whatever fails but the database and the disk ends in a refusal: nobody waits for ever."""
    try:
        with scratch.room(folder):
            job = _prepared(file, folder)
            if isinstance(job.task, pictures.Task):
                _keep_picture(job)
            else:
                _read_tables(job)
    except (Overtaken, *PASSING):
        raise
    except Exception:
        log.exception("file %s could not be read", file.pk)
        _refuse(file, "FILE_CRASHED")


def _take_up(number: int, county: str, attempt: int, before: int) -> SentFile | None:
    with use(runs.scope_for(county)):
        file = (
            SentFile.objects.select_for_update(of=("self",))
            .select_related("delivery")
            .filter(pk=number)
            .first()
        )
        if file is None or file.reading != attempt or file.state not in SentFile.UNREAD:
            return None
        killed = file.state == SentFile.State.READING
        _say(file, 0, state=SentFile.State.READING)
    if killed and before >= MOST_ATTEMPTS:
        log.error("file %s: its reading was cut off again and again", file.pk)
        _refuse(file, "FILE_CRASHED")
        return None
    return file


def _prepared(file: SentFile, folder: Path) -> _Job:
    """The file unsealed, and what people settled about it so far."""
    with use(runs.scope_for(file.county)):
        own = folder / "kinds"
        own.mkdir(mode=0o700)
        kinds = (own,) if write_own(file.county, own) else ()
        settled = {(e.source, e.sheet): settled_of(e, left_out=False) for e in _settled(file)}
        answers = _answers(file)
    sent = folder / "sent"
    files.write_to(file.stored, sent)
    if file.kind == SentFile.Kind.ATTACHMENT:
        return _Job(file, folder, pictures.Task(sent, folder / "picture.jpg"))
    task = reading.Task(
        file.path, sent, "reading", folder / "store", file.delivery.as_of, file.county, kinds, answers, DEFAULT, settled,
        keep_cells=True,
    )  # fmt: skip
    return _Job(file, folder, task, load_kinds(kinds))


def _settled(file: SentFile) -> list[Extract]:
    """The sheets of the file that a person settled or corrected."""
    found = file.extracts.exclude(kind="").exclude(state=Extract.State.NOTE).prefetch_related("edits")
    return [e for e in found if e.mapping == Extract.Mapping.PERSON or e.edits.all() or not e.open]


def _answers(file: SentFile) -> dict[str, list[Answer]]:
    """How this sender's tables were understood before, by header, the latest first."""
    answers: dict[str, list[Answer]] = {}
    saved = SavedMapping.objects.filter(place=file.place, organisation=file.organisation_id)
    for m in saved.order_by("-at", "-pk"):
        titled = tuple(m.titled.split(",")) if m.titled else ()
        answers.setdefault(m.signature, []).append(Answer(m.kind, m.columns, titled))
    return answers


# --- reading ---------------------------------------------------------------------------------------------------------


def _keep_picture(job: _Job) -> None:
    done = apart.outcome(job.task, job.file.size)
    picture = files.put_file(AREA, job.folder / "picture.jpg").name if done is True else ""
    with use(runs.scope_for(job.file.county)):
        file = _mine(job.file)
        file.picture = picture
        file.state = SentFile.State.KEPT if picture else SentFile.State.REFUSED
        file.refusal = "" if picture else "PICTURE_DAMAGED"
        file.save()
        refresh(file.delivery_id)


def _read_tables(job: _Job) -> None:
    file = job.file
    _step(file, 1)
    outcome = apart.outcome(job.task, job.file.size)
    if isinstance(outcome, Crash):
        raise Cut(outcome.reason.splitlines()[-1].partition(":")[0])  # what follows may quote a cell
    _step(file, 2)
    assert isinstance(job.task, reading.Task)
    store = job.task.store / job.task.key
    issues = pl.read_parquet(store / reading.ISSUES)
    sheets = [_Sheet(s, store) for s in outcome["sheets"] if s["cells"]]
    for sheet in sheets:
        sheet.seal()
    try:
        with use(runs.scope_for(file.county)):
            file = _mine(file)
            _say(file, 3)
            extracts = {(s.source, s.sheet): _extract(file, s, job.kinds) for s in sheets}
            keep_issues(file, issues, extracts)
            _finish(file, outcome, sheets)
    except BaseException:
        for sheet in sheets:
            sheet.discard()
        raise


class _Sheet:
    """One sheet of a finished reading: its receipt, its records and raw rows, sealed."""

    def __init__(self, receipt: dict[str, Any], store: Path) -> None:
        self.receipt, self._store = receipt, store
        self.source, self.sheet = receipt["file"], receipt["sheet"]
        self.table_name = self.cells_name = ""

    def seal(self) -> None:
        self.cells_name = files.put_file(AREA, self._store / self.receipt["cells"]).name
        if self.receipt["extract"]:
            self.table_name = files.put_file(AREA, self._store / self.receipt["extract"]).name

    def discard(self) -> None:
        for name in filter(None, (self.table_name, self.cells_name)):
            files.delete(name)

    def bare_columns(self) -> list[dict[str, Any]]:
        """The columns of a sheet that was read as no list: their headers, no fields."""
        width = len(pl.read_parquet_schema(self._store / self.receipt["cells"])) - 1
        headers = self.receipt["signature"].split("|") if self.receipt["signature"] else []
        headers += [""] * (width - len(headers))
        return [
            {"column": i + 1, "header": headers[i], "field": None, "confidence": 0.0, "why": "none"}
            for i in range(width)
        ]

    def table(self) -> pl.DataFrame:
        name = self.receipt["extract"]
        return (
            pl.read_parquet(self._store / name)
            if name
            else pl.DataFrame({"row": []}, schema={"row": pl.UInt32})
        )


def _extract(file: SentFile, sheet: _Sheet, kinds: Mapping[str, Kind]) -> Extract:
    """The row of a sheet brought up to date; what was decided already stays as it was decided.

    A list sent back while it waited to be read anew takes up what was read, and stays sent back.
    """
    found = (
        Extract.objects.select_for_update().filter(file=file, source=sheet.source, sheet=sheet.sheet).first()
    )
    if found is not None and not found.open and not found.stale:
        sheet.discard()
        return found
    extract = found or Extract(
        file=file, source=sheet.source, sheet=sheet.sheet, delivery_id=file.delivery_id, county=file.county,
        place=file.place, organisation_id=file.organisation_id,
    )  # fmt: skip
    old = [name for name in (extract.table, extract.cells) if name]
    receipt, kind = sheet.receipt, kinds.get(sheet.receipt["kind"])
    extract.kind = kind.code if kind else ""
    extract.confidence = receipt["confidence"]
    extract.department = receipt["department"]
    extract.period = date.fromisoformat(receipt["period"]) if receipt["period"] else None
    extract.region = receipt["place"] or ""
    extract.rows, extract.records, extract.row_kinds = (
        receipt["rows"],
        receipt["records"],
        receipt["row_kinds"],
    )
    if extract.mapping != Extract.Mapping.PERSON:
        extract.mapping = Extract.Mapping.SAVED if receipt["saved"] else Extract.Mapping.DETECTED
    extract.plan = {
        "columns": receipt["columns"] or sheet.bare_columns(),
        "candidates": receipt["candidates"],
        "header_rows": receipt["header_rows"],
        "signature": receipt["signature"],
        "titled": receipt["titled"],
    }
    extract.table, extract.cells = sheet.table_name, sheet.cells_name
    extract.series = series_of(extract, kind)
    extract.state = _state(extract, receipt, kind)
    table = sheet.table()
    is_list = extract.state not in (Extract.State.NOTE, Extract.State.NEEDS_MAPPING)
    extract.brakes = reasons(extract, kind, table) if is_list else []
    extract.stale = False
    extract.save()
    transaction.on_commit(lambda: [files.delete(name) for name in old])
    return extract


def _state(extract: Extract, receipt: Mapping[str, Any], kind: Kind | None) -> str:
    if extract.state and not extract.open:
        return extract.state
    if receipt["role"] == "note" or (extract.state, extract.mapping) == (
        Extract.State.NOTE,
        Extract.Mapping.PERSON,
    ):
        return Extract.State.NOTE
    mapped = {c["field"] for c in receipt["columns"] if c["field"]}
    if kind is None or not mapped & set(kind.key):
        return Extract.State.NEEDS_MAPPING
    return Extract.State.HELD if extract.state == Extract.State.HELD else Extract.State.READ


# --- what is kept ----------------------------------------------------------------------------------------------------


def _finish(file: SentFile, receipt: Mapping[str, Any], sheets: Sequence[_Sheet]) -> None:
    sources = receipt["sources"]
    bundle = any(s["name"] != file.path for s in sources)
    refused = [s.get("refused", "") for s in sources]
    file.kind = SentFile.Kind.BUNDLE if bundle else SentFile.Kind.TABLE
    file.sources = [s | {"name": s["name"].removeprefix(f"{file.path}/")} for s in sources] if bundle else []
    file.state = SentFile.State.REFUSED if refused and all(refused) else SentFile.State.READ
    file.refusal = refused[0] if refused and all(refused) else ""
    file.seconds = receipt["seconds"]
    _say(file, 4)
    file.save()
    refresh(file.delivery_id)
    record("read", kind="file", key=file.pk, details={"sheets": len(sheets), "refused": file.refusal})


def _refuse(file: SentFile, code: str) -> None:
    with use(runs.scope_for(file.county)):
        file = _mine(file)
        file.state, file.refusal = SentFile.State.REFUSED, code
        file.save()
        refresh(file.delivery_id)
        record("read", kind="file", key=file.pk, details={"refused": code})


def _mine(file: SentFile) -> SentFile:
    now = SentFile.objects.select_for_update().get(pk=file.pk)
    if now.reading != file.reading:
        raise Overtaken(f"file {file.pk}: reading {file.reading} was overtaken")
    return now


def _say(file: SentFile, done: int, **fields: Any) -> None:
    file.step, file.done, file.total = STEPS[min(done, len(STEPS) - 1)], done, len(STEPS)
    for name, value in fields.items():
        setattr(file, name, value)
    file.save(update_fields=["step", "done", "total", *fields])


def _step(file: SentFile, done: int, **fields: Any) -> None:
    """Tell how far it is, in a transaction of its own."""
    with use(runs.scope_for(file.county)):
        _say(_mine(file), done, **fields)
