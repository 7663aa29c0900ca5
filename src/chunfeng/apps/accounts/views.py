"""Signing in and out, the password, and one's hats."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.views import LoginView
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from chunfeng.apps.accounts import codes, delegation, hats, services
from chunfeng.apps.accounts.forms import CodeForm, LendForm, PasswordForm, PhoneForm, SignInForm
from chunfeng.apps.accounts.granting import Refused
from chunfeng.apps.accounts.models import Membership
from chunfeng.apps.audit import denials
from chunfeng.apps.gate.access import access, public
from chunfeng.apps.places.scope import current
from chunfeng.apps.vault.sealing import Unreadable, seal, unseal

_BACKEND = "django.contrib.auth.backends.ModelBackend"
_PHONE, _BOUND_TO = "sms_phone", "session.sms_phone"


@method_decorator(sensitive_post_parameters("password"), name="dispatch")
class _SignIn(LoginView):
    template_name = "accounts/signin.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True


sign_in = public(purpose="登录", writes=True)(_SignIn.as_view())


def next_page(request: HttpRequest, otherwise: str = "home") -> str:
    """Where the reader wanted to go, if it is a page of ours."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if safe else otherwise


@public(purpose="登录已结束")
def session_ended(request: HttpRequest) -> HttpResponse:
    """Why one was signed out, and the way back."""
    return render(
        request, "accounts/ended.html", {"next": next_page(request, ""), "why": request.GET.get("why")}
    )


@public(purpose="短信登录", writes=True)
def sms_phone(request: HttpRequest) -> HttpResponse:
    """Ask for a code. The answer is the same whether the phone is known or not."""
    if request.user.is_authenticated:
        return redirect("home")
    form = PhoneForm(request.POST or None)
    if form.is_valid():
        phone = form.cleaned_data["phone"]
        try:
            codes.ask(phone, request.META.get("REMOTE_ADDR", ""))
        except codes.TooOften as error:
            form.add_error(None, str(error))
        else:
            request.session[_PHONE] = seal(phone, _BOUND_TO).hex()
            return redirect("signin-code")
    return render(request, "accounts/sms_phone.html", {"form": form}, status=422 if form.errors else 200)


def _kept_phone(request: HttpRequest) -> str:
    try:
        return unseal(bytes.fromhex(request.session[_PHONE]), _BOUND_TO)
    except (KeyError, Unreadable):
        return ""


@public(purpose="短信登录", writes=True)
def sms_code(request: HttpRequest) -> HttpResponse:
    """Give the code and be signed in."""
    phone = _kept_phone(request)
    if request.user.is_authenticated or not phone:
        return redirect("home" if request.user.is_authenticated else "signin-phone")
    form = CodeForm(request.POST or None)
    if form.is_valid():
        try:
            user = codes.check(phone, form.cleaned_data["code"], request.META.get("REMOTE_ADDR", ""))
        except codes.TooOften as error:
            user, words = None, str(error)
        else:
            words = _("验证码不对、已用过或已过期。五分钟内可试五次，不行请重新要一个。")
        if user is not None:
            del request.session[_PHONE]
            login(request, user, backend=_BACKEND)
            return redirect("home")
        form.add_error("code", words)
    context = {"form": form, "phone": f"{phone[:3]}****{phone[-4:]}"}
    return render(request, "accounts/sms_code.html", context, status=422 if form.errors else 200)


@require_POST
@access(None, purpose="退出", writes=True)
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("signin")


@sensitive_post_parameters("old_password", "new_password1", "new_password2")
@access(None, purpose="修改密码", writes=True)
def password(request: HttpRequest) -> HttpResponse:
    """A new password; asked for at the first sign-in."""
    must = request.user.must_change_password
    form = PasswordForm(request.user, request.POST or None)
    if form.is_valid():
        services.change_password(request.user, form.cleaned_data["new_password1"])
        update_session_auth_hash(request, request.user)
        messages.success(request, _("密码已修改。"))
        return redirect("home")
    return render(
        request, "accounts/password.html", {"form": form, "must": must}, status=422 if form.errors else 200
    )


@require_POST
@access(None, purpose="切换身份", writes=True)
def switch_hat(request: HttpRequest) -> HttpResponse:
    chosen = request.POST.get("hat", "")
    if any(str(hat.pk) == chosen for hat in request.worn.hats):
        request.session[hats.SESSION_KEY] = int(chosen)
    return redirect(next_page(request) if request.POST.get("stay") else "home")


@access(None, purpose="我的身份")
def my_hats(request: HttpRequest) -> HttpResponse:
    """One's hats, those lent and those borrowed."""
    given, received = delegation.of(request.user)
    context = {"given": given, "received": received, "lendable": delegation.lendable(request.user).exists()}
    return render(request, "accounts/hats.html", context)


@access(None, purpose="委托代理", writes=True)
def lend(request: HttpRequest) -> HttpResponse:
    """Lend a hat for a time of leave."""
    form = LendForm(request.user, request.POST or None)
    if form.is_valid():
        data = form.cleaned_data
        try:
            delegation.lend(data["hat"], data["colleague"], data["start"], data["until"], data["reason"])
        except Refused as refusal:
            denials.note(request, "rule")
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("已委托给 %(name)s。") % {"name": data["colleague"].name})
            return redirect("hats")
    mine = [hat for hat in form.fields["hat"].queryset if hat == request.worn.hat] or form.fields[
        "hat"
    ].queryset[:1]
    near = list(delegation.colleagues(mine[0])[:50]) if mine else []
    context = {"form": form, "colleagues": near}
    return render(request, "accounts/lend.html", context, status=422 if form.errors else 200)


@require_POST
@access(None, purpose="收回委托", writes=True)
def take_back(request: HttpRequest, number: int) -> HttpResponse:
    """End a delegation, from either side."""
    lent = Membership.objects.filter(pk=number, lent_from__isnull=False).first()
    if lent is None or current().actor not in (lent.user_id, lent.on_behalf_of_id):
        raise Http404
    try:
        delegation.take_back(lent)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("委托已结束。"))
    return redirect("hats")
