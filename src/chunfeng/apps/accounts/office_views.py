"""Organisations within reach, and the roles."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from chunfeng.apps.accounts import offices
from chunfeng.apps.accounts.granting import Refused
from chunfeng.apps.accounts.manage_forms import NewRoleForm, OrganisationForm, RoleForm
from chunfeng.apps.accounts.models import Role
from chunfeng.apps.accounts.user_views import _manages, number
from chunfeng.apps.audit import denials
from chunfeng.apps.gate.access import access
from chunfeng.apps.gate.capabilities import Capability
from chunfeng.apps.places.models import Organisation

_PAGE = 50


@access(Capability.ACCOUNTS_MANAGE, purpose="管理单位")
def organisations(request: HttpRequest) -> HttpResponse:
    """Organisations within reach, newest first."""
    found, text = offices.within(), request.GET.get("q", "").strip()[:60]
    kind = request.GET.get("kind", "")
    if text:
        found = found.filter(name__icontains=text)
    if kind in Organisation.Kind.values:
        found = found.filter(kind=kind)
    after = number(request.GET.get("after"))
    if after:
        found = found.filter(pk__lt=after)
    rows = list(found.order_by("-pk")[: _PAGE + 1])
    context = {
        "rows": rows[:_PAGE],
        "after": rows[_PAGE - 1].pk if len(rows) > _PAGE else None,
        "q": text,
        "kind": kind,
        "kinds": Organisation.Kind.choices,
    }
    return render(request, "accounts/organisations.html", context)


@_manages
def new_organisation(request: HttpRequest) -> HttpResponse:
    """A new organisation."""
    return _organisation(request, Organisation())


@_manages
def organisation(request: HttpRequest, number: int) -> HttpResponse:
    """Change an organisation."""
    found = offices.within().filter(pk=number).first()
    if found is None:
        raise Http404
    return _organisation(request, found)


def _organisation(request: HttpRequest, instance: Organisation) -> HttpResponse:
    form = OrganisationForm(request.POST or None, instance=instance)
    if form.is_valid():
        try:
            offices.save(form.save(commit=False), form.changed_data)
        except Refused as refusal:
            denials.note(request, "rule")
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("单位已保存。"))
            return redirect("organisations")
    context = {
        "form": form,
        "organisation": instance if instance.pk else None,
        "worn": offices.worn_in(instance) if instance.pk else 0,
        "regions": offices.near_regions(),
    }
    return render(request, "accounts/organisation.html", context, status=422 if form.errors else 200)


@access(Capability.ACCOUNTS_MANAGE, purpose="查看角色")
def roles(request: HttpRequest) -> HttpResponse:
    """Roles and what they may do, as a table."""
    found = offices.roles()
    rows = [
        (code, label, [(role, code in role.capabilities, code in role.grantable) for role in found])
        for code, label in Capability.choices
    ]
    return render(
        request, "accounts/roles.html", {"roles": found, "rows": rows, "edits": offices.may_edit_roles()}
    )


@_manages
def new_role(request: HttpRequest) -> HttpResponse:
    """One more role: the province only."""
    if not offices.may_edit_roles():
        raise Http404
    form = NewRoleForm(request.POST or None)
    if form.is_valid():
        try:
            offices.make_role(form.save(commit=False))
        except Refused as refusal:
            denials.note(request, "rule")
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("角色已建立，可以授予了。"))
            return redirect("roles")
    return render(request, "accounts/role_new.html", {"form": form}, status=422 if form.errors else 200)


@_manages
def role(request: HttpRequest, code: str) -> HttpResponse:
    """Change a role: the province only."""
    if not offices.may_edit_roles():
        raise Http404
    found = get_object_or_404(Role, pk=code)
    given = {"capabilities": found.capabilities, "second_factor": found.second_factor}
    form = RoleForm(request.POST or None, initial=given)
    if form.is_valid():
        try:
            offices.edit_role(found, form.cleaned_data["capabilities"], form.cleaned_data["second_factor"])
        except Refused as refusal:
            denials.note(request, "rule")
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("角色已保存，立即生效。"))
            return redirect("roles")
    return render(
        request, "accounts/role.html", {"role": found, "form": form}, status=422 if form.errors else 200
    )
