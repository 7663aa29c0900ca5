"""The overview of a region: the campaign, its figures, the map, who is late, what waits for the reader."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from chunfeng.apps.campaigns import selectors as campaigns
from chunfeng.apps.desk import actions, tallies, visits
from chunfeng.apps.desk.measures import CLEARS, COLUMNS, FUNNEL, TO_VISIT, measures
from chunfeng.apps.desk.tallies import Figures
from chunfeng.apps.gate.access import access
from chunfeng.apps.gate.capabilities import Capability
from chunfeng.apps.intake import selectors as intake
from chunfeng.apps.places.days import today
from chunfeng.apps.places.models import Region
from chunfeng.apps.places.scope import current
from chunfeng.ui.charts import Chart, MapFigure, MapRegion, shown

_MAPPED = ("persons", "recognised", "open", "entitled", "matched", "visited", "seated")
"""What the map can show."""


@access(Capability.OVERVIEW, purpose="看概览")
def overview(request: HttpRequest, code: int) -> HttpResponse:
    return page(request, campaigns.region_in_reach(code))


def page(request: HttpRequest, region: Region) -> HttpResponse:
    """The overview of a region, whoever asked for it."""
    campaign = campaigns.chosen(request)
    figures = tallies.figures(region, campaign.ends if campaign else None)
    asked = request.GET.get("show", "")
    measure = asked if asked in _MAPPED else "recognised"
    may_list = Capability.REGISTRY_READ in current().capabilities and not figures.past
    context: dict[str, Any] = {
        "region": region,
        "own": region.reach == current().reach,
        "accepts": Capability.INTAKE_ACCEPT in current().capabilities,
        "manages": Capability.ACCOUNTS_MANAGE in current().capabilities,
        "above": _above(region),
        "figures": figures,
        "today": today(),
        "stats": [
            _stat(figures, code, may_list)
            for code in ("persons", "recognised", "open", "entitled", "matched", "seated")
        ],
        "lines": _lines(figures, may_list),
        "clears": [_stat(figures, code, may_list) for code in CLEARS],
        "work": [
            _stat(figures, code, may_list)
            for code in (TO_VISIT, "doubts", "findings", "without_id", "unmatched", "waiting", "unplanned")
        ],
        "groups": _groups(figures, campaigns.groups(campaign), may_list),
        "before_start": bool(campaign and figures.as_of and figures.as_of[1] < campaign.starts),
        "categories": _categories(figures, may_list),
        "funnel": _funnel(figures, may_list),
        "map": _map(figures, region, measure),
        "parts": _parts(figures, region, measure, may_list),
        "measure": measures()[measure],
        "choices": [(code, measures()[code].label, code == measure) for code in _MAPPED],
        "indicators": _indicators(campaign, region, figures, may_list) if campaign else (),
        "actions": actions.waiting(),
        "visits": visits.visits(region) if may_list and region.level == Region.Level.VILLAGE else None,
        "runs": intake.latest_runs(5),
        "late": actions.late(campaign, region) if campaign else (),
        "days_left": campaign.days_left(today()) if campaign else 0,
    }
    return render(request, "desk/overview.html", context)


def _url(measure: str, code: str, may_list: bool, *, unplaced: bool = False) -> str:
    if not may_list:
        return ""
    return reverse("list", args=(measure, int(code))) + ("?unplaced=1" if unplaced else "")


def _stat(figures: Figures, code: str, may_list: bool) -> dict[str, Any]:
    measure = measures()[code]
    return {
        "label": measure.label,
        "value": figures.of(code),
        "shown": shown(figures.of(code)),
        "note": measure.note,
        "url": _url(code, figures.region.code, may_list),
    }


def _lines(figures: Figures, may_list: bool) -> dict[str, str] | None:
    rows, linked = figures.of("rows"), figures.of("rows_linked")
    if rows is None or linked is None:
        return None
    url = f"{reverse('registry-unlinked')}?place={figures.region.code}" if may_list and rows > linked else ""
    return {"rows": shown(rows), "linked": shown(linked), "left": shown(rows - linked), "url": url}


def _groups(figures: Figures, wanted: dict[str, str] | None, may_list: bool) -> list[dict[str, Any]]:
    """The campaign's target groups of which there are persons; without a campaign, every group the rules know."""
    found = []
    for measure in measures():
        group = measure.removeprefix("target.")
        if measure.startswith("target.") and figures.of(measure) and (wanted is None or group in wanted):
            found.append(_stat(figures, measure, may_list) | {"code": group})
    return found


def _categories(figures: Figures, may_list: bool) -> list[dict[str, Any]]:
    rows = []
    for code in measures():
        if code.startswith("yes."):
            category = code.removeprefix("yes.")
            yes, unknown = _stat(figures, code, may_list), _stat(figures, f"open.{category}", may_list)
            if yes["value"] or unknown["value"]:
                rows.append({"code": category, "label": yes["label"], "yes": yes, "unknown": unknown})
    return rows


def _funnel(figures: Figures, may_list: bool) -> Chart:
    known = measures()
    return Chart(
        "rows",
        (_("环节"), _("人数")),
        [(str(known[code].label), figures.of(code)) for code in FUNNEL],
        unit=_("人"),
        urls=[_url(code, figures.region.code, may_list) for code in FUNNEL] if may_list else (),
    )


def _map(figures: Figures, region: Region, measure: str) -> MapFigure | None:
    """Counties on the map, for a province or a city; towns have no outlines."""
    if not figures.counties:
        return None
    known = [
        MapRegion(
            part.code,
            part.name,
            None if part.counts is None else part.counts.get(measure, 0),
            _overview(part.code, measure),
        )
        for part in figures.counties
    ]
    known.sort(key=lambda each: (each.value is None, -(each.value or 0)))
    within = region.code if region.level == Region.Level.CITY else ""
    return MapFigure("county", str(measures()[measure].label), known, unit=_("人"), within=within)


def _overview(code: str, measure: str) -> str:
    return f"{reverse('overview', args=(int(code),))}?show={measure}"


def _parts(figures: Figures, region: Region, measure: str, may_list: bool) -> dict[str, Any] | None:
    """The regions below with their figures side by side, and as bars."""
    if not figures.parts:
        return None
    known = measures()
    rows = []
    for part in figures.parts:
        unplaced = part.code == region.code
        cells = [
            {
                "label": COLUMNS[code],
                "value": None if part.counts is None else shown(part.counts.get(code, 0)),
                "url": _url(code, part.code, may_list and part.counts is not None, unplaced=unplaced),
            }
            for code in COLUMNS
        ]
        name = _("乡镇、村不明") if unplaced else part.name
        rows.append(
            {
                "name": name,
                "url": "" if unplaced else _overview(part.code, measure),
                "cells": cells,
                "part": part,
            }
        )
    bars = [
        (row["name"], None if row["part"].counts is None else row["part"].counts.get(measure, 0))
        for row in rows
    ]
    chart = Chart(
        "bar", (_("地区"), str(known[measure].label)), bars, unit=_("人"), urls=[row["url"] for row in rows]
    )
    return {"columns": list(COLUMNS.values()), "rows": rows, "chart": chart}


def _above(region: Region) -> list[Region]:
    """The regions above that are still the office's own, from the widest down."""
    found: list[Region] = []
    reach, step = current().reach, region
    while step.reach != reach and step.reports_to_id:
        step = step.reports_to
        if not reach.covers(step.reach):
            break
        found.insert(0, step)
    return found


def _indicators(campaign: Any, region: Region, figures: Figures, may_list: bool) -> list[dict[str, Any]]:
    """Indicators the platform counts, and what the region set out to reach."""
    found = []
    for each in campaigns.indicators(campaign, region):
        value = figures.of(each.measure) if each.measure in measures() else None
        target = each.own_target
        share = round(100 * value / target) if value is not None and target else None
        url = _url(each.measure, region.code, may_list) if value else ""
        told = {
            "told": None if value is None else shown(value),
            "target_told": None if target is None else shown(target),
        }
        found.append({"indicator": each, "value": value, "target": target, "share": share, "url": url} | told)
    return [row for row in found if row["value"] is not None or row["target"] is not None]
