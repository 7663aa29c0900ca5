"""Many users from a spreadsheet."""

from __future__ import annotations

import contextlib

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chunfeng.apps.accounts import granting, imports, offices
from chunfeng.apps.accounts.granting import Refused
from chunfeng.apps.accounts.import_reading import HEADINGS, REQUIRED, read
from chunfeng.apps.accounts.manage_forms import SheetForm
from chunfeng.apps.accounts.models import UserImport
from chunfeng.apps.accounts.user_views import _manages
from chunfeng.apps.audit.export_files import workbook

_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@_manages
def new_import(request: HttpRequest) -> HttpResponse:
    """Upload a spreadsheet and look at every row."""
    form = SheetForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        sent = form.cleaned_data["file"]
        try:
            rows = read(sent.name, sent.read(2 * 1024 * 1024 + 1))
            made = imports.preview(rows, request.worn.hat, sent.name)
        except Refused as refusal:
            form.add_error("file", str(refusal))
        else:
            return redirect("user-import", made.pk)
    steps = [_("填模板"), _("上传"), _("逐行核对"), _("建立并取密码")]
    context = {"form": form, "steps": steps, "past": UserImport.objects.filter(by=request.user)[:20]}
    return render(request, "accounts/import_new.html", context, status=422 if form.errors else 200)


@_manages
def template(request: HttpRequest) -> HttpResponse:
    """The spreadsheet to fill in, with the roles one may give as a second block of explanation."""
    headings = [word + ("*" if field in REQUIRED else "") for field, word in HEADINGS.items()]
    roles = _("、").join(str(role) for role in granting.roles_to_give())
    near = offices.near_regions(1)
    office = near[0].full_name if near else ""
    mark = _(
        "带 * 必填。角色可填：%(roles)s。地区填区划代码、全称或不重名的简称（%(office)s 范围内）。日期如 2023-01-15。"
    ) % {
        "roles": roles,
        "office": office,
    }
    content, _count = workbook(_("用户名单"), headings, [], mark)
    return _sheet(content, "users-template.xlsx")


def _sheet(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=_EXCEL)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


def _mine(request: HttpRequest, number: int) -> UserImport:
    found = UserImport.objects.filter(pk=number, by=request.user).first()
    if found is None:
        raise Http404
    return found


@_manages
def one_import(request: HttpRequest, number: int) -> HttpResponse:
    """The rows with their problems, then how far it is."""
    found = _mine(request, number)
    rows = found.rows or []
    context = {
        "found": found,
        "bad": [row for row in rows if row["problems"]][:200],
        "good": [row for row in rows if not row["problems"]][:50],
        "working": found.state == UserImport.State.WORKING,
        "ready": found.state == UserImport.State.DONE,
    }
    return render(request, "accounts/import.html", context)


@require_POST
@_manages
def accept(request: HttpRequest, number: int) -> HttpResponse:
    """Make the accounts of the good rows."""
    found = _mine(request, number)
    with contextlib.suppress(Refused):  # done already: the page says how far it is
        imports.accept(found)
    return redirect("user-import", number)


@require_POST
@_manages
def result(request: HttpRequest, number: int) -> HttpResponse:
    """The result with the one-time passwords, once."""
    found = _mine(request, number)
    try:
        rows = imports.fetch(found)
    except Refused as refusal:
        return render(request, "accounts/import.html", {"found": found, "wrong": str(refusal)}, status=409)
    headings = [_("行"), *HEADINGS.values(), _("一次性密码"), _("没有建立的原因")]
    lines = [
        [
            row["row"],
            *(row.get(field, "") for field in HEADINGS),
            row.get("password", ""),
            _("；").join(row["problems"]),
        ]
        for row in rows
    ]
    when = f"{timezone.localtime():%Y-%m-%d %H:%M}"
    mark = _("一次性密码七天内有效，首次登录须改密码；请分别告知本人，不要群发。办理：%(name)s %(when)s") % {
        "name": request.user.name,
        "when": when,
    }
    content, _count = workbook(_("建立用户的结果"), headings, lines, mark)
    return _sheet(content, f"users-{found.pk}.xlsx")
