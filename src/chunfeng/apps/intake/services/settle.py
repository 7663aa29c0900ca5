"""What a table is, which column is which field, and cells put right: before it is accepted."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from chunfeng.apps.accounts.models import User
from chunfeng.apps.audit.record import record
from chunfeng.apps.intake.asking import ask_for_reading
from chunfeng.apps.intake.kinds import kinds_of
from chunfeng.apps.intake.looking import cell
from chunfeng.apps.intake.models import CellEdit, Extract, SavedMapping, SentFile
from chunfeng.apps.intake.progress import refresh
from chunfeng.apps.places.scope import current

MOST_TEXT = 2_000


def opened(extract: Extract) -> Extract:
    """The extract, locked for this transaction. ValidationError when it is decided already or being read."""
    now = Extract.objects.select_for_update().get(pk=extract.pk)
    if not now.open:
        raise ValidationError(
            _("这份名单已是「%(state)s」，不能再改。要改，请先撤回或重新打开。")
            % {"state": now.get_state_display()}
        )
    return now


def confirm_columns(extract: Extract, kind_code: str, fields: Sequence[str | None]) -> Extract:
    """A person says which kind a table is and which column is which field (by position); remembered for this sender.

    ValidationError where the kind is unknown, a field is not the kind's or stands twice, or no key column is named.
    """
    extract = opened(extract)
    kind = kinds_of(extract.county).get(kind_code)
    if kind is None:
        raise ValidationError(_("请选择这张表是哪一种名单。"))
    columns = (extract.plan or {}).get("columns", [])
    chosen = [f or None for f in fields]
    if len(chosen) != len(columns):
        raise ValidationError(_("列数与表不符，请刷新页面后再确认。"))
    named = [f for f in chosen if f]
    if unknown := [f for f in named if f not in kind.by_name]:
        raise ValidationError(
            _("「%(kind)s」没有字段 %(field)s。") % {"kind": kind.name, "field": unknown[0]}
        )
    if twice := [f for f in named if named.count(f) > 1]:
        raise ValidationError(
            _("「%(field)s」对应了两列，只能对应一列。") % {"field": kind.field(twice[0]).label}
        )
    if not set(named) & set(kind.key):
        labels = "、".join(kind.field(k).label for k in kind.key)
        raise ValidationError(_("至少要有一列是：%(labels)s。") % {"labels": labels})
    extract.kind, extract.mapping = kind.code, Extract.Mapping.PERSON
    for column, name in zip(columns, chosen, strict=True):
        column |= {"field": name, "confidence": 1.0 if name else 0.0, "why": "saved" if name else "none"}
    extract.plan = (extract.plan or {}) | {"columns": columns}
    extract.stale = True
    if extract.state == Extract.State.NOTE:
        extract.state = Extract.State.NEEDS_MAPPING
    extract.save(update_fields=["kind", "mapping", "plan", "stale", "state"])
    _remember(extract)
    record("settle", kind="extract", key=extract.pk, details={"kind": kind.code, "columns": len(named)})
    ask_for_reading(SentFile.objects.select_for_update().get(pk=extract.file_id))
    return extract


def _remember(extract: Extract) -> None:
    plan = extract.plan or {}
    signature = plan.get("signature")
    if not signature:
        return  # a table without a header says nothing about the next one
    seen: dict[str, int] = {}
    chosen: dict[str, str | None] = {}
    for column in plan["columns"]:
        header = column["header"]
        seen[header] = seen.get(header, 0) + 1
        chosen[f"{header}#{seen[header]}"] = column["field"]
    SavedMapping.objects.update_or_create(
        place=extract.place,
        organisation_id=extract.organisation_id,
        fingerprint=hashlib.sha256(signature.encode()).hexdigest(),
        titled=",".join(plan.get("titled", ())),
        defaults={"signature": signature, "kind": extract.kind, "columns": chosen, "by": current().actor},
    )


def set_aside(extract: Extract) -> Extract:
    """A person says that a table is no list of records."""
    extract = opened(extract)
    extract.state, extract.stale, extract.mapping = Extract.State.NOTE, False, Extract.Mapping.PERSON
    extract.save(update_fields=["state", "stale", "mapping"])
    record("set_aside", kind="extract", key=extract.pk)
    refresh(extract.delivery_id)
    return extract


def as_typed(text: str) -> str:
    """A text as a form gives it back: without blanks around it, and whatever ended its lines, which a browser changes."""
    return "\n".join(text.splitlines()).strip()


def edit_cell(extract: Extract, row: int, column: int, old: str, new: str) -> CellEdit | None:
    """Put one cell right; None where nothing changes. The file is read anew once the edits rest.

    `old` is what the person saw: ValidationError when it was changed meanwhile, or when there is no such cell.
    """
    extract = opened(extract)
    new = as_typed(new)
    if len(new) > MOST_TEXT:
        raise ValidationError(_("一个单元格最多 %(most)s 个字。") % {"most": MOST_TEXT})
    if "\x00" in new:
        raise ValidationError(_("内容里有不能保存的字符。"))
    before = cell(extract, row, column)
    now = as_typed(before or "")
    if now != as_typed(old or ""):
        raise ValidationError(_("这个单元格刚才已被别人改过，请看清现在的内容再改。"))
    if new == now:
        return None
    headers = [c["header"] for c in (extract.plan or {}).get("columns", [])]
    scope = current()
    user = User.objects.filter(pk=scope.actor).first() if scope.actor else None
    edit = CellEdit.objects.create(
        place=extract.place,
        organisation_id=extract.organisation_id,
        extract=extract,
        row=row,
        column=column,
        header=headers[column][:120] if column < len(headers) else "",
        old=before,
        new=new,
        by=scope.actor,
        by_name=user.name if user else "",
    )
    Extract.objects.filter(pk=extract.pk).update(stale=True)
    record("edit_cell", kind="extract", key=extract.pk, details={"row": row, "column": column})
    ask_for_reading(SentFile.objects.select_for_update().get(pk=extract.file_id), later=True)
    return edit
