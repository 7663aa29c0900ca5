"""Signing in and out, and changing hats."""

from __future__ import annotations

from django.contrib.auth import logout
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from chunfeng.apps.accounts import hats
from chunfeng.apps.gate.access import access, public

sign_in = public(purpose="登录", writes=True)(
    LoginView.as_view(template_name="accounts/signin.html", redirect_authenticated_user=True)
)


@require_POST
@access(None, purpose="退出", writes=True)
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("signin")


@require_POST
@access(None, purpose="切换身份", writes=True)
def switch_hat(request: HttpRequest) -> HttpResponse:
    chosen = request.POST.get("hat", "")
    if any(str(hat.pk) == chosen for hat in request.worn.hats):
        request.session[hats.SESSION_KEY] = int(chosen)
    return redirect("home")
