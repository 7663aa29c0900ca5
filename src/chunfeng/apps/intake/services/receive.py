"""Files are received: sealed as they are, counted, and handed to the worker to be read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from chunfeng.apps.accounts.models import User
from chunfeng.apps.audit.record import record
from chunfeng.apps.intake.asking import AREA, ask_for_reading
from chunfeng.apps.intake.models import Delivery, Extract, SentFile
from chunfeng.apps.places.days import today
from chunfeng.apps.places.models import Organisation
from chunfeng.apps.places.numbers import Reach, region_code
from chunfeng.apps.places.scope import current
from chunfeng.apps.vault import files

MOST_FILES = 100
MOST_BYTES = 1 << 30
"""Of one delivery."""
_NO_OFFICE, _VILLAGES = "报送", "村居"
"""Names of folders; the second is the department of the kinds of list that towns and villages hand in."""
_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]+')
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"BM", b"II*\x00", b"MM\x00*")
_BOXED = {b"avif": True, b"heic": False, b"heix": False, b"hevc": False, b"mif1": False, b"msf1": False}
"""Brand of a picture in ISO boxes, as phones take them → whether it can be written anew, and so be looked at here."""
_PART = 100


class Sent(Protocol):
    """A file as it comes: Django's uploaded files are such, and `FromDisk`."""

    name: str | None

    def chunks(self) -> Iterable[bytes]: ...


@dataclass(frozen=True)
class FromDisk:
    """A file that lies on this machine; `name` may hold folders, as the sender ordered them."""

    path: Path
    name: str

    def chunks(self) -> Iterator[bytes]:
        with self.path.open("rb") as file:
            while piece := file.read(files.CHUNK):
                yield piece


def county_of(reach: Reach) -> str:
    """The county a place of delivery lies in. ValidationError for whoever stands above the counties."""
    code = region_code(reach.low)
    if len(code) < 6:
        raise ValidationError(_("名单由县及以下报送；省、市不直接报送。"))
    return code[:6]


def receive(
    sent: Sequence[Sent],
    *,
    as_of: date,
    received: date | None = None,
    organisation: Organisation | None = None,
    note: str = "",
    campaign: str = "",
) -> Delivery:
    """Take files in as one delivery of the current scope's office, for `organisation` if it is another's list.

    `received`: the day they came, if that was before today. Raises ValidationError in words for the sender; then nothing is kept.
    """
    scope = current()
    county = county_of(scope.reach)
    if scope.organisation is not None:
        organisation = Organisation.objects.filter(pk=scope.organisation).first()
        if organisation is None:
            raise ValidationError(_("您的账号没有挂在任何单位下，不能报送。请找县人社部门的管理员。"))
    if not sent:
        raise ValidationError(_("请至少选择一个文件。"))
    if len(sent) > MOST_FILES:
        raise ValidationError(
            _("一次最多报送 %(most)s 个文件，请分次报送或打成压缩包。") % {"most": MOST_FILES}
        )
    sender = User.objects.filter(pk=scope.actor).first() if scope.actor else None
    stored: list[files.Stored] = []
    try:
        with transaction.atomic():
            delivery = Delivery.objects.create(
                place=scope.reach.low,
                county=county,
                organisation=organisation,
                sender=scope.actor,
                sender_name=sender.name if sender else "",
                as_of=as_of,
                received=received or today(),
                note=note[:300],
                campaign=campaign,
            )
            left = MOST_BYTES
            for one in sent:
                stored.append(_seal(one, left))
                left -= stored[-1].size
                _file(delivery, one.name or "", stored[-1])
            _refresh_when_nothing_to_read(delivery)
            record(
                "receive",
                kind="delivery",
                key=delivery.pk,
                details={
                    "files": len(sent),
                    "bytes": MOST_BYTES - left,
                    "organisation": delivery.organisation_id,
                },
            )
    except BaseException:
        for each in stored:
            files.delete(each.name)
        raise
    return delivery


def _seal(one: Sent, left: int) -> files.Stored:
    limit = min(settings.UPLOAD_LIMIT, left)
    try:
        return files.put(AREA, one.chunks(), limit)
    except files.TooLarge as error:
        raise ValidationError(
            _(
                "「%(name)s」过大：单个文件最多 %(one)s MB，一次合计最多 %(all)s MB。请拆分，或存为 csv 后压缩。"
            )
            % {"name": one.name, "one": settings.UPLOAD_LIMIT >> 20, "all": MOST_BYTES >> 20}
        ) from error


def _file(delivery: Delivery, name: str, stored: files.Stored) -> SentFile:
    picture = _is_picture(next(files.chunks(stored.name))[:16])
    attached = picture is not None
    file = SentFile(
        delivery=delivery,
        place=delivery.place,
        county=delivery.county,
        organisation_id=delivery.organisation_id,
        name=_tidy(name)[:300],
        size=stored.size,
        sha256=stored.sha256,
        kind=SentFile.Kind.ATTACHMENT if attached else SentFile.Kind.TABLE,
        stored=stored.name,
    )
    file.same_as = None if attached else earlier(file)
    if file.same_as:
        file.state = SentFile.State.DUPLICATE
    elif picture is False:
        file.state = SentFile.State.KEPT
    _save_under_free_path(file, delivery.organisation)
    if file.state == SentFile.State.WAITING:
        ask_for_reading(file)
    return file


def _is_picture(head: bytes) -> bool | None:
    """Whether a file that begins so is a picture to be written anew; False: kept as it is, unopened; None: no attachment."""
    if head.startswith(_PICTURES) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        return True
    if head.startswith(b"%PDF"):
        return False
    return _BOXED.get(head[8:12]) if head[4:8] == b"ftyp" else None


def earlier(file: SentFile) -> SentFile | None:
    """A file of the same content that was read before and is not wholly taken back; of one's own, where one sees no others."""
    taken_back = (Extract.State.REJECTED, Extract.State.UNDONE, Extract.State.NOTE)
    same = SentFile.objects.filter(county=file.county, sha256=file.sha256, same_as__isnull=True)
    for each in same.exclude(state=SentFile.State.REFUSED).order_by("-pk")[:20]:
        if each.state != SentFile.State.READ or each.extracts.exclude(state__in=taken_back).exists():
            return each
    return None


def _save_under_free_path(file: SentFile, organisation: Organisation | None) -> None:
    parts = [_safe(part) for part in (*_office(file, organisation), *file.name.split("/"))]
    folder, (stem, dot, suffix) = "/".join(parts[-4:-1]), parts[-1].rpartition(".")
    if not dot:
        stem, suffix = suffix, ""
    for number in range(1, 1000):
        mark = "" if number == 1 else f"({number})"
        file.path = f"{folder}/{stem}{mark}{dot}{suffix}"
        try:
            with transaction.atomic():
                file.save()
                return
        except IntegrityError as error:
            if "one_file_per_path" not in str(error):
                raise
    raise ValidationError(_("同名文件太多：%(name)s。请改名后再报送。") % {"name": file.name})


def _office(file: SentFile, organisation: Organisation | None) -> tuple[str, ...]:
    """Folders that tell the reader whose list it is; the county's own office hands in lists of every kind."""
    if organisation is not None:
        return (organisation.department or organisation.name,)
    return (_VILLAGES, file.office) if len(region_code(file.place)) > 6 else (_NO_OFFICE,)


def _tidy(name: str) -> str:
    return unicodedata.normalize("NFC", name).replace("\\", "/").replace("\x00", "").strip() or "无名"


def _safe(part: str) -> str:
    """A part of a path that every file system takes; the ending stays."""
    clean = _UNSAFE.sub("_", part).strip(" .")
    stem, dot, suffix = clean.rpartition(".")
    if dot and len(suffix) <= 10:
        clean = f"{stem[:_PART]}.{suffix}"
    return clean[: _PART + 11] or "无名"


def _refresh_when_nothing_to_read(delivery: Delivery) -> None:
    if not delivery.files.filter(state=SentFile.State.WAITING).exists():
        delivery.state = Delivery.State.CLOSED
        delivery.save(update_fields=["state"])
