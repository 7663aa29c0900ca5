"""Files are sent, and what became of a delivery."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from itertools import chain
from urllib.parse import quote

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from chunfeng.apps.audit.record import record
from chunfeng.apps.campaigns.selectors import chosen
from chunfeng.apps.campaigns.words import kind_name
from chunfeng.apps.gate.access import access
from chunfeng.apps.gate.capabilities import Capability
from chunfeng.apps.intake import selectors, words
from chunfeng.apps.intake.forms import SendForm
from chunfeng.apps.intake.kinds import kinds_of
from chunfeng.apps.intake.models import Delivery, Extract, SentFile
from chunfeng.apps.intake.services import decide
from chunfeng.apps.intake.services.receive import MOST_FILES, county_of, receive
from chunfeng.apps.intake.shown import cover_numbers, only_whole, whole
from chunfeng.apps.places.scope import current
from chunfeng.apps.vault import files
from chunfeng.apps.vault.sealing import Unreadable

log = logging.getLogger(__name__)


@access(Capability.INTAKE_SEND, purpose="报送名单", writes=True)
def send(request: HttpRequest) -> HttpResponse:
    scope = current()
    try:
        county = county_of(scope.reach)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("intake-board")
    senders = None if scope.organisation is not None else selectors.senders(county)
    dated = Capability.INTAKE_ACCEPT in scope.capabilities  # whoever is judged by the day does not name it
    form = SendForm(request.POST or None, senders=senders, dated=dated)
    problem = ""
    if request.method == "POST" and form.is_valid():
        campaign = chosen(request)
        try:
            delivery = receive(
                request.FILES.getlist("files"),
                as_of=form.cleaned_data["as_of"],
                received=form.cleaned_data.get("received"),
                organisation=form.cleaned_data.get("organisation"),
                note=form.cleaned_data["note"],
                campaign=campaign.code if campaign else "",
            )
        except ValidationError as error:
            problem = error.messages[0]
        else:
            n = delivery.files.count()
            messages.success(
                request, ngettext("已收到 %(n)s 个文件。", "已收到 %(n)s 个文件。", n) % {"n": n}
            )
            return redirect("intake-delivery", delivery.pk)
    context = {
        "form": form,
        "problem": problem,
        "limit": settings.UPLOAD_LIMIT,
        "limit_mb": settings.UPLOAD_LIMIT >> 20,
        "most": MOST_FILES,
    }
    return render(request, "intake/send.html", context, status=422 if problem or form.errors else 200)


@access(Capability.INTAKE_READ, purpose="看报送的文件")
def delivery(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Delivery.objects.select_related("organisation"), pk=pk)
    sent = selectors.files_of(found)
    kinds = kinds_of(found.county)
    for file in sent:
        file.refusal_text = words.issue_text(file.refusal) if file.refusal else ""
        file.refused_inside = [
            s | {"text": words.issue_text(s["refused"])} for s in file.sources if s.get("refused")
        ]
        for extract in file.lists:
            name_of(extract, kinds)
            extract.inner = extract.source.removeprefix(file.path).strip("/")
        for issue in file.own_issues:
            issue.text, issue.level = words.issue_text(issue.code), words.LEVELS[issue.rank]
            issue.value = cover_numbers(issue.value or "")
    lists = [e for f in sent for e in f.lists]
    context = {
        "delivery": found,
        "files": sent,
        "whole": whole(found),
        "ready": [e for e in lists if e.state == Extract.State.READ and not e.stale],
        "ready_errors": sum(e.error_rows for e in lists if e.state == Extract.State.READ),
        "progress": how_far(sent),
        "may_accept": Capability.INTAKE_ACCEPT in current().capabilities,
        "crumbs": [(reverse("intake-board"), _("报送情况"))],
    }
    return render(request, "intake/delivery.html", context)


def name_of(extract: Extract, kinds) -> None:  # type: ignore[no-untyped-def]
    """Give an extract what the pages call it."""
    kind = kinds.get(extract.kind)
    extract.kind_name = (
        kind_name(kind) if kind else (_("表类未定") if extract.state != Extract.State.NOTE else _("说明页"))
    )
    extract.level = _LEVELS.get(extract.state, "")


_LEVELS = {
    Extract.State.NEEDS_MAPPING: "warning",
    Extract.State.READ: "info",
    Extract.State.HELD: "warning",
    Extract.State.ACCEPTED: "success",
    Extract.State.PARTLY: "success",
    Extract.State.REJECTED: "error",
    Extract.State.UNDONE: "error",
}


def how_far(sent: list[SentFile]) -> dict[str, object]:
    """Steps done of all files of a delivery that are read, the step now, whether all is over."""
    waiting = (SentFile.State.WAITING, SentFile.State.READING)
    read = [f for f in sent if f.state in waiting or f.total]
    steps = 4
    busy = [f for f in read if f.state == SentFile.State.READING]
    open_ones = [f for f in read if f.state in waiting]
    done = sum(steps if f.state not in waiting else f.done for f in read)
    finished = len(read) - len(open_ones)
    text = _("已读 %(done)s / %(all)s 个文件") % {"done": finished, "all": len(read)}
    if busy:
        text += " · " + busy[0].name + _("：") + _(busy[0].step)
    elif open_ones:
        text += " · " + _("排队等待读取")
    return {"value": done, "max": steps * len(read), "text": text, "done": not open_ones}


@access(Capability.INTAKE_READ, purpose="看读取进度")
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The progress bar alone; asks for the whole page when all is read."""
    found = get_object_or_404(Delivery, pk=pk)
    far = how_far(list(found.files.all()))
    response = render(request, "intake/progress.html", {"delivery": found, "progress": far})
    if far["done"]:
        response["HX-Refresh"] = "true"
    return response


@require_POST
@access(Capability.INTAKE_ACCEPT, purpose="接收名单", writes=True)
def accept_all(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Delivery, pk=pk)
    done, passed = decide.accept_all(found, partly=request.POST.get("partly") == "1")
    held = sum(e.state == Extract.State.HELD for e in done)
    taken = len(done) - held
    if taken:
        messages.success(request, _("已接收 %(n)s 份名单，比对已排队。") % {"n": taken})
    if held:
        messages.warning(request, _("%(n)s 份名单看起来不对，已暂停，须另一位同事复核。") % {"n": held})
    if passed:
        messages.warning(
            request, _("%(n)s 份名单刚被别人处理或改动，这次没有接收，请再看一看。") % {"n": len(passed)}
        )
    if not done and not passed:
        messages.info(request, _("没有可以接收的名单。"))
    return redirect("intake-delivery", pk)


def _opened(file: SentFile, name: str) -> Iterator[bytes]:
    """The content of a sealed file of a delivery; 404, and a line in the log, where it is gone or damaged from the start."""
    pieces = files.chunks(name)
    try:
        first = next(pieces)
    except Unreadable as error:
        log.error("file %s cannot be opened: %s", file.pk, error)
        raise Http404 from error
    return chain([first], pieces)


@access(Capability.INTAKE_READ, purpose="下载报送的文件")
def download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file exactly as it was sent, never shown in the browser."""
    file = get_object_or_404(SentFile, pk=pk)
    only_whole(file)
    pieces = _opened(file, file.stored)
    record("download", kind="file", key=file.pk, details={"sha256": file.sha256})
    response = StreamingHttpResponse(pieces, content_type="application/octet-stream")
    response["Content-Length"] = str(file.size)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file.name.split('/')[-1])}"
    return response


@access(Capability.INTAKE_READ, purpose="看照片附件")
def picture(request: HttpRequest, pk: int) -> HttpResponse:
    """A photograph, written anew: nothing but the picture."""
    file = get_object_or_404(SentFile, pk=pk)
    only_whole(file)
    if not file.picture:
        raise Http404
    content = b"".join(_opened(file, file.picture))
    record("view", kind="file", key=file.pk)
    return HttpResponse(content, content_type="image/jpeg", headers={"Cache-Control": "no-store"})
