"""Managing the accounts within reach."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chunfeng.apps.accounts import granting, offices, selectors, services
from chunfeng.apps.accounts.granting import Refused
from chunfeng.apps.accounts.manage_forms import EndForm, HatForm, NewUserForm, UserFilter, UserForm
from chunfeng.apps.accounts.models import Membership, OutboxMessage, User
from chunfeng.apps.audit import denials
from chunfeng.apps.audit.record import record
from chunfeng.apps.gate.access import access
from chunfeng.apps.gate.capabilities import Capability

_manages = access(Capability.ACCOUNTS_MANAGE, purpose="管理用户", writes=True)


def number(text: str | None) -> int | None:
    """A row number out of an address; None for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None


@access(Capability.ACCOUNTS_MANAGE, purpose="管理用户")
def users(request: HttpRequest) -> HttpResponse:
    """Users within reach."""
    form = UserFilter(request.GET or {})
    filters = form.cleaned_data if form.is_valid() else {}
    rows, after, before = selectors.users(
        filters, number(request.GET.get("after")), number(request.GET.get("before"))
    )
    record(
        "list",
        kind="user",
        details={"filters": sorted(n for n, v in filters.items() if v), "shown": len(rows)},
    )
    context = {
        "form": form,
        "rows": rows,
        "after": after,
        "before": before,
        "count": selectors.count(filters),
        "keeps_texts": settings.LOCAL,
    }
    return render(request, "accounts/users.html", context)


@_manages
def new_user(request: HttpRequest) -> HttpResponse:
    """A new account; its one-time password is shown once."""
    asked = {name: request.GET[name][:40] for name in ("role", "region", "person") if name in request.GET}
    form = NewUserForm(request.POST or None, initial=asked)
    if form.is_valid():
        try:
            user, password = services.create_user(**form.cleaned_data)
        except Refused as refusal:
            denials.note(request, "rule")
            form.add_error(None, str(refusal))
        else:
            return _once(request, user, password)
    return _form(request, form, _("新建用户"))


def _form(request: HttpRequest, form: HatForm, title: str, user: User | None = None) -> HttpResponse:
    context = {
        "form": form,
        "title": title,
        "account": user,
        "regions": offices.near_regions(),
        "organisations": offices.within().filter(active=True)[:100],
    }
    return render(request, "accounts/user_form.html", context, status=422 if form.errors else 200)


def _once(request: HttpRequest, user: User, password: str) -> HttpResponse:
    """The page that shows a one-time password, which nothing keeps."""
    response = render(request, "accounts/one_time.html", {"account": user, "password": password})
    response["Cache-Control"] = "no-store"
    return response


def _account(number: int) -> User:
    found = granting.visible().filter(pk=number).first()
    if found is None:
        raise Http404
    return found


@_manages
def user(request: HttpRequest, number: int) -> HttpResponse:
    """One account: its hats, and what its manager may do."""
    account = _account(number)
    mine = granting.manageable(account)
    given = {"name": account.name}
    form = UserForm(request.POST or None, initial=given, kept=account.phone) if mine else None
    if form is not None and form.is_valid():
        services.edit(account, form.cleaned_data["name"], form.cleaned_data["phone"])
        messages.success(request, _("已保存。"))
        return redirect("user", number)
    record("view", kind="user", key=number)
    hats = account.memberships.select_related("role", "region", "organisation", "on_behalf_of", "granted_by")
    context = {
        "account": account,
        "mine": mine,
        "form": form,
        "hats": hats.order_by("-valid_from", "-pk")[:50],
        "locked": selectors.locked(account),
        "end": EndForm(),
    }
    return render(request, "accounts/user.html", context, status=422 if form and form.errors else 200)


@_manages
def grant(request: HttpRequest, number: int) -> HttpResponse:
    """One more hat."""
    account = _account(number)
    form = HatForm(request.POST or None)
    if form.is_valid():
        try:
            services.grant(account, **form.cleaned_data)
        except Refused as refusal:
            denials.note(request, "rule")
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("已授予。"))
            return redirect("user", number)
    return _form(request, form, _("授予身份"), account)


@require_POST
@_manages
def change_end(request: HttpRequest, number: int, hat: int) -> HttpResponse:
    """Extend a hat, or end it."""
    account = _account(number)
    found = (
        account.memberships.select_related("user", "role", "region", "organisation__region")
        .filter(pk=hat)
        .first()
    )
    if found is None:
        raise Http404
    form = EndForm(request.POST)

    def act() -> None:
        if "now" in request.POST:
            granting.must_manage(account)
            services.end(found)
        elif form.is_valid():
            services.change_end(found, form.cleaned_data["valid_to"])
        else:
            raise Refused(_("日期写成 2023-03-31 的样子；不填就是长期。"))

    return _try(request, number, act, _("期限已改。"))


def _try(request: HttpRequest, number: int, act: Callable[[], None], done: str) -> HttpResponse:
    try:
        act()
    except Refused as refusal:
        denials.note(request, "rule")
        messages.error(request, str(refusal))
    else:
        messages.success(request, done)
    return redirect("user", number)


@require_POST
@_manages
def set_active(request: HttpRequest, number: int) -> HttpResponse:
    """Close an account or open it again."""
    account, active = _account(number), request.POST.get("active") == "1"
    done = _("账号已启用。") if active else _("账号已停用，正在用的会话随即失效。")
    return _try(request, number, lambda: services.set_active(account, active), done)


@require_POST
@_manages
def reset_password(request: HttpRequest, number: int) -> HttpResponse:
    """A new one-time password."""
    account = _account(number)
    try:
        return _once(request, account, services.reset_password(account))
    except Refused as refusal:
        denials.note(request, "rule")
        messages.error(request, str(refusal))
        return redirect("user", number)


@require_POST
@_manages
def reset_second_factor(request: HttpRequest, number: int) -> HttpResponse:
    """For a lost phone."""
    account = _account(number)
    return _try(
        request,
        number,
        lambda: services.reset_second_factor(account),
        _("动态口令已清除，下次登录重新设置。"),
    )


@require_POST
@_manages
def unlock(request: HttpRequest, number: int) -> HttpResponse:
    """After failed attempts."""
    account = _account(number)
    return _try(request, number, lambda: services.unlock(account), _("已解锁。"))


@access(Capability.ACCOUNTS_MANAGE, purpose="查看待发短信")
def outbox(request: HttpRequest) -> HttpResponse:
    """Messages kept instead of sent: on a demonstration only."""
    if not settings.LOCAL:
        raise Http404
    low, high = request.worn.hat.region.reach
    near = Membership.objects.filter(region__place__gte=low, region__place__lt=high).values("user")
    found = OutboxMessage.objects.filter(user__in=near).select_related("user")[:50]
    record("view", kind="outbox")
    return render(request, "accounts/outbox.html", {"messages_kept": found})
