"""Setting up and giving the second factor."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from chunfeng.apps.accounts import totp
from chunfeng.apps.accounts.forms import CodeForm, SecondFactorForm
from chunfeng.apps.accounts.middleware import SECOND, given
from chunfeng.apps.accounts.views import next_page
from chunfeng.apps.gate.access import access

_TOO_OFTEN = gettext_noop("试得太多了，请十分钟后再来。")


def _given(request: HttpRequest) -> None:
    request.session[SECOND] = totp.mark(request.user)
    request.session.cycle_key()


@access(None, purpose="设置动态口令", writes=True)
def set_up(request: HttpRequest) -> HttpResponse:
    """Scan the picture, give the first code, keep the recovery codes. With a factor set, that one must be given first."""
    if request.user.totp_secret and not given(request):
        return redirect("second-factor")
    secret = totp.pending(request.session)
    form = CodeForm(request.POST or None)
    if form.is_valid():
        try:
            recovery = totp.set_up(request.user, secret, form.cleaned_data["code"], timezone.now())
        except totp.TooOften:
            form.add_error(None, _(_TOO_OFTEN))
        else:
            if recovery is not None:
                request.session.pop("totp_pending", None)
                _given(request)
                response = render(request, "accounts/recovery.html", {"recovery": recovery})
                response["Cache-Control"] = "no-store"
                return response
            form.add_error("code", _("口令不对。请确认手机时间准确，再输入应用里现在的六位数字。"))
    context = {"form": form, "secret": secret, "picture": totp.picture(request.user, secret)}
    return render(request, "accounts/second_factor_setup.html", context, status=422 if form.errors else 200)


@access(None, purpose="动态口令", writes=True)
def give(request: HttpRequest) -> HttpResponse:
    """Give the code of now, or a recovery code."""
    if not request.user.totp_secret:
        return redirect("second-factor-setup")
    if given(request):
        return redirect(next_page(request))
    form = SecondFactorForm(request.POST or None)
    if form.is_valid():
        try:
            good = totp.check(request.user, form.cleaned_data["code"], timezone.now())
        except totp.TooOften:
            form.add_error(None, _(_TOO_OFTEN))
        else:
            if good:
                _given(request)
                request.user.refresh_from_db(fields=["recovery_codes"])
                left = len(request.user.recovery_codes)
                if left <= 2:
                    messages.warning(
                        request, _("备用码只剩 %(count)d 个，请重新设置动态口令。") % {"count": left}
                    )
                return redirect(next_page(request))
            form.add_error("code", _("口令不对或已用过，请等下一个。"))
    return render(request, "accounts/second_factor.html", {"form": form}, status=422 if form.errors else 200)
