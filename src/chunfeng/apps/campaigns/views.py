"""Pages of campaigns: the list, one campaign, setting up another, changing parts, targets, and the switch in the top bar."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from chunfeng.apps.campaigns import forms, selectors, services
from chunfeng.apps.campaigns.models import (
    Activity,
    Campaign,
    Indicator,
    OwedList,
    Partner,
    TargetGroup,
)
from chunfeng.apps.gate.access import access
from chunfeng.apps.gate.capabilities import Capability
from chunfeng.apps.places.days import today
from chunfeng.apps.places.scope import current

_PARTS: dict[str, tuple[type[models.Model], type[Any], Any]] = {
    "groups": (TargetGroup, forms.TargetGroupForm, gettext_lazy("服务对象")),
    "activities": (Activity, forms.ActivityForm, gettext_lazy("活动内容")),
    "partners": (Partner, forms.PartnerForm, gettext_lazy("成员单位")),
    "lists": (OwedList, forms.OwedListForm, gettext_lazy("应报名单")),
    "indicators": (Indicator, forms.IndicatorForm, gettext_lazy("指标")),
}


def _campaign(request: HttpRequest, code: str) -> Campaign:
    found = next((each for each in selectors.at_hand(request) if each.code == code), None)
    if found is None:
        raise Http404
    return found


@access(None, purpose="看活动设置")
def listing(request: HttpRequest) -> HttpResponse:
    may_set_up = Capability.CAMPAIGN_MANAGE in current().capabilities
    return render(
        request,
        "campaigns/list.html",
        {"found": selectors.at_hand(request), "today": today(), "may_set_up": may_set_up},
    )


@access(None, purpose="看活动设置")
def show(request: HttpRequest, code: str) -> HttpResponse:
    campaign = _campaign(request, code)
    manages = Capability.CAMPAIGN_MANAGE in current().capabilities
    region = selectors.office_region()
    below, targets_of = selectors.targets_below(campaign, region)
    return render(
        request,
        "campaigns/show.html",
        {
            "below": below,
            "targets": targets_of,
            "shown": campaign,
            "groups": campaign.targetgroup_set.all(),
            "activities": campaign.activity_set.all(),
            "partners": campaign.partner_set.prefetch_related("lists"),
            "indicators": selectors.indicators(campaign, region),
            "region": region,
            "may_change": manages and selectors.may_change(campaign),
            "may_set_targets": manages,
            "days_left": campaign.days_left(today()),
            "today": today(),
        },
    )


@access(Capability.CAMPAIGN_MANAGE, purpose="设立活动", writes=True)
def new(request: HttpRequest) -> HttpResponse:
    source = request.POST.get("from") or request.GET.get("from")
    like = _campaign(request, source) if source else None
    blank = Campaign(region=selectors.office_region())
    if request.method == "POST":
        form = forms.CampaignForm(request.POST, instance=blank)
        if form.is_valid():
            campaign = services.set_up(form.instance, like)
            request.session[selectors.SESSION_KEY] = campaign.code
            messages.success(request, _("已设立活动，当前看的就是这次活动。"))
            return redirect("campaign", campaign.code)
    else:
        initial = {} if like is None else {"theme": like.theme, "goals": like.goals}
        form = forms.CampaignForm(instance=blank, initial=initial)
    context = {"form": form, "like": like, "others": selectors.at_hand(request)}
    return render(request, "campaigns/new.html", context, status=422 if form.errors else 200)


@access(Capability.CAMPAIGN_MANAGE, purpose="改活动设置", writes=True)
def change(request: HttpRequest, code: str) -> HttpResponse:
    campaign = _campaign(request, code)
    form = forms.CampaignForm(request.POST or None, instance=campaign)
    if request.method == "POST" and form.is_valid():
        services.change(form.instance, {name: form.initial[name] for name in form.changed_data})
        messages.success(request, _("已保存。"))
        return redirect("campaign", campaign.code)
    return _form(request, campaign, form, _("活动基本信息"))


@access(Capability.CAMPAIGN_MANAGE, purpose="改活动设置", writes=True)
def part(request: HttpRequest, code: str, what: str, key: int | None = None) -> HttpResponse:
    campaign = _campaign(request, code)
    model, form_class, title, instance = _part(campaign, what, key)
    extra = {"campaign": campaign} if model is OwedList else {}
    form = form_class(request.POST or None, instance=instance, **extra)
    if request.method == "POST" and form.is_valid():
        before = {name: form.initial.get(name) for name in form.changed_data}
        services.save_part(campaign, form.instance, before)
        messages.success(request, _("已保存。"))
        return redirect(f"{reverse('campaign', args=(campaign.code,))}#{what}")
    remove = reverse("campaign-part-remove", args=(code, what, key)) if key else ""
    return _form(request, campaign, form, title, remove)


@require_POST
@access(Capability.CAMPAIGN_MANAGE, purpose="改活动设置", writes=True)
def remove(request: HttpRequest, code: str, what: str, key: int) -> HttpResponse:
    campaign = _campaign(request, code)
    services.remove_part(campaign, _part(campaign, what, key)[3])
    messages.success(request, _("已删除。"))
    return redirect(f"{reverse('campaign', args=(campaign.code,))}#{what}")


@access(Capability.CAMPAIGN_MANAGE, purpose="设定指标目标", writes=True)
def targets(request: HttpRequest, code: str, region: int | None = None) -> HttpResponse:
    """The targets of the office's own region, or of one it answers for."""
    campaign = _campaign(request, code)
    place = selectors.office_region() if region is None else selectors.region_in_reach(region)
    indicators = selectors.indicators(campaign, place)
    form = forms.TargetsForm(request.POST or None, indicators=indicators)
    if request.method == "POST" and form.is_valid():
        services.set_targets(campaign, place, form.values())
        messages.success(request, _("已保存目标。"))
        return redirect(
            f"{reverse('campaign', args=(campaign.code,))}#{'indicators' if region is None else 'targets'}"
        )
    title = _("%(region)s的指标目标") % {"region": place.name}
    return _form(request, campaign, form, title)


@require_POST
@access(None, purpose="切换活动", writes=True)
def switch(request: HttpRequest) -> HttpResponse:
    campaign = _campaign(request, request.POST.get("campaign", ""))
    request.session[selectors.SESSION_KEY] = campaign.code
    onward = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(onward, {request.get_host()}, request.is_secure())
    return redirect(onward if safe else "home")


def _part(
    campaign: Campaign, what: str, key: int | None
) -> tuple[type[models.Model], type[Any], str, models.Model]:
    if what not in _PARTS:
        raise Http404
    model, form_class, title = _PARTS[what]
    belongs = {"partner__campaign" if model is OwedList else "campaign": campaign}
    if key is not None:
        return model, form_class, title, get_object_or_404(model, pk=key, **belongs)
    return model, form_class, title, model() if model is OwedList else model(campaign=campaign)


def _form(request: HttpRequest, campaign: Campaign, form: Any, title: str, remove: str = "") -> HttpResponse:
    context = {"shown": campaign, "form": form, "title": title, "remove": remove}
    return render(request, "campaigns/form.html", context, status=422 if form.errors else 200)
