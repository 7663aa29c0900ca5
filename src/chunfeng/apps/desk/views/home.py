"""The first page after signing in: what fits the hat worn."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy

from chunfeng.apps.campaigns import selectors as campaigns
from chunfeng.apps.desk import actions
from chunfeng.apps.desk.views import overview
from chunfeng.apps.gate.access import access
from chunfeng.apps.gate.capabilities import Capability
from chunfeng.apps.intake import owing
from chunfeng.apps.intake import selectors as intake
from chunfeng.apps.intake.models import Extract
from chunfeng.apps.places.models import Region
from chunfeng.apps.places.numbers import region_code
from chunfeng.apps.places.scope import current

_SENT = 8
"""Deliveries of one's own that the first page shows."""

_WATCHED = (
    ("denied", gettext_lazy("被拒绝的访问")),
    ("signin_failed", gettext_lazy("登录失败")),
    ("reveal", gettext_lazy("查看完整证号、电话")),
    ("export", gettext_lazy("导出")),
)
"""What an auditor looks at first: actions of the audit."""


@access(None, purpose="首页")
def home(request: HttpRequest) -> HttpResponse:
    able = current().capabilities
    if Capability.OVERVIEW in able:
        return overview.page(request, Region.objects.get(pk=region_code(current().reach.low)))
    if Capability.SELF in able:
        return redirect("own")
    if Capability.OWN_EMPLOYER in able:
        return redirect("own-employer")
    if Capability.INTAKE_SEND in able:
        return _sender(request)
    campaign = campaigns.chosen(request) if request.worn.hat else None
    context = campaigns.head(campaign) | {"able": able}
    context["audits"] = _WATCHED if Capability.AUDIT_READ in able else ()
    return render(request, "desk/home_plain.html", context)


def _sender(request: HttpRequest) -> HttpResponse:
    """A partner department or agency: what it owes, what it sent, what came back."""
    campaign = campaigns.chosen(request)
    organisation = request.worn.hat.organisation
    department = organisation.department if organisation else ""
    owed = owing.owed(current().reach, campaign, department=department) if campaign and department else []
    sent = {
        row["kind"]: row
        for row in Extract.objects.order_by("kind", "-pk")
        .distinct("kind")
        .values("kind", "state", "records", "pk")
    }
    rows = [
        {
            "duty": each,
            "last": sent.get(each.kind),
            "state": Extract.State(sent[each.kind]["state"]).label if each.kind in sent else "",
            "due": each.due,
            "late": each.state == "late",
        }
        for each in owed
    ]
    partner = campaign.partner_set.filter(department=department).first() if campaign and department else None
    context = campaigns.head(campaign) | {
        "organisation": organisation,
        "partner": partner,
        "rows": rows,
        "actions": actions.waiting(),
        "intake_url": actions.link("intake-send"),
        "sent": intake.deliveries()[0][:_SENT],
    }
    return render(request, "desk/home_sender.html", context)
