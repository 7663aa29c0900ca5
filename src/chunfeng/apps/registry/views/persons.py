"""Searching and listing persons."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chunfeng.apps.audit.record import record
from chunfeng.apps.gate.access import access
from chunfeng.apps.gate.capabilities import Capability
from chunfeng.apps.places.models import Region
from chunfeng.apps.places.numbers import region_code
from chunfeng.apps.places.scope import current
from chunfeng.apps.registry import keyset, lists, searching, selectors, words
from chunfeng.apps.registry.forms import FilterForm
from chunfeng.apps.vault.fields import blind_index

_WORKLISTS = (
    ({}, gettext_lazy("全部")),
    ({"doubts": "on"}, gettext_lazy("有待判定")),
    ({"finding": "any"}, gettext_lazy("有疑点")),
    ({"yes": "any"}, gettext_lazy("符合认定")),
    ({"unknown": "any"}, gettext_lazy("待查")),
    ({"no_id": "on"}, gettext_lazy("无有效证号")),
)


@access(Capability.REGISTRY_READ, purpose="查人员", writes=True)
def persons(request: HttpRequest) -> HttpResponse:
    """The search box and the list. Whole numbers are searched by POST, so that they stand in no address or log."""
    typed = (request.POST if request.method == "POST" else request.GET).get("q", "")
    asked = searching.understand(typed, current().reach, request.GET.get("way", ""))
    if asked.way == searching.UNREADABLE:
        messages.error(request, _("这不是完整的证号或电话，请核对位数；人员编号写作 P 加数字。"))
        return redirect("registry")
    if request.method == "POST" and asked.way not in searching.EXACT:
        query = QueryDict(request.POST.get("filters", ""), mutable=True)
        for name in ("q", "way", "after", "before"):
            query.pop(name, None)
        if typed.strip():
            query["q"] = typed.strip()
        return redirect(f"{reverse('registry')}?{query.urlencode()}")
    if asked.way in searching.EXACT:
        if request.method == "GET":
            messages.info(request, _("证号、电话请在搜索框里查，不要写进网址。"))
            return redirect("registry")
        return _exactly(request, asked)
    return _list(request, asked, typed)


def _exactly(request: HttpRequest, asked: searching.Asked) -> HttpResponse:
    found = list(selectors.masked(searching.exactly(asked.way, asked.text)).order_by("key")[: keyset.PAGE])
    _record(asked, len(found), person=str(found[0].pk) if len(found) == 1 else "")
    context = _context(request, FilterForm({}), None) | {
        "people": found,
        "count": keyset.told(len(found)),
        "asked": asked,
        "exact": True,
        "as_of": lists.as_of(),
        "page": keyset.Page(found),
    }
    return render(request, "registry/persons.html", context)


def _list(request: HttpRequest, first: searching.Asked, typed: str) -> HttpResponse:
    form = FilterForm(request.GET)
    form.is_valid()  # what is no filter is told, and the others hold
    wanted = form.cleaned_data
    day = lists.as_of()
    marks = {name: request.GET.get(name, "") for name in ("after", "before")}
    asked, people, page = lists.searched(wanted, first, day, request.GET.get("way", ""), **marks)
    region = lists.place_meant(wanted, asked)
    chosen = {name: value for name, value in request.GET.items() if name in form.fields and value}
    _record(asked, len(page.rows), filters=sorted(chosen))
    context = _context(request, form, region) | {
        "region": region,
        "in_vain": first if first.way != asked.way else None,
        "people": page.rows,
        "page": page,
        "count": people.count(page),
        "asked": asked,
        "typed": typed,
        "as_of": day,
        "also": _also(request, asked),
        "unusable": [str(form.fields[name].label) for name in form.errors if name in form.fields],
    }
    return render(request, "registry/persons.html", context)


def _record(asked: searching.Asked, shown: int, filters: list[str] | None = None, person: str = "") -> None:
    terms = blind_index("search", f"{asked.way}\0{asked.text}").hex() if asked.way else ""
    details = {"way": asked.way, "terms": terms, "shown": shown, "filters": filters or []}
    record("search", kind="person", person=person, details=details)


def _context(request: HttpRequest, form: FilterForm, region: Region | None) -> dict[str, Any]:
    own = region_code(current().reach.low) if current().reach.high else ""
    here = region.code if region else own
    below = Region.objects.filter(parent_id=here).order_by("place") if here else Region.objects.none()
    return {
        "form": form,
        "tabs": _tabs(request),
        "here": here,
        "trail": _trail(here, own),
        "below": [(child.name, _with(request, place=child.code)) for child in below],
        "chosen": _chosen(request, form),
        "filters": request.GET.urlencode(),
        "unfiltered": reverse("registry"),
        "exact_ways": searching.EXACT,
        "may_export": Capability.EXPORT in current().capabilities,
    }


def _with(request: HttpRequest, **changes: str | None) -> str:
    query = request.GET.copy()
    for name in ("after", "before"):
        query.pop(name, None)
    for name, value in changes.items():
        query.pop(name, None)
        if value:
            query[name] = value
    return f"{reverse('registry')}?{query.urlencode()}"


def _tabs(request: HttpRequest) -> list[dict[str, Any]]:
    names = {name for query, _label in _WORKLISTS for name in query}
    now = {name: request.GET[name] for name in names if request.GET.get(name)}
    blank = dict.fromkeys(names)
    return [
        {"label": label, "url": _with(request, **(blank | query)), "current": now == query, "count": ""}
        for query, label in _WORKLISTS
    ]


def _trail(here: str, own: str) -> list[tuple[str, str]]:
    """Places from the office's own down to the one looked at, with the code of each."""
    lengths = [n for n in (2, 4, 6, 9, 12) if len(own) <= n <= len(here)]
    return [(words.region(here[:n]), here[:n]) for n in lengths]


def _chosen(request: HttpRequest, form: FilterForm) -> list[dict[str, str]]:
    chips = []
    for name, field in form.fields.items():
        value = request.GET.get(name)
        if not value:
            continue
        choices = {str(code): str(label) for code, label in getattr(field, "choices", ())}
        label = words.region(value) if name == "place" and value.isdecimal() else choices.get(value, "")
        chips.append(
            {
                "label": str(field.label) + _("：") + label if label else str(field.label),
                "url": _with(request, **{name: None}),
            }
        )
    return chips


def _also(request: HttpRequest, asked: searching.Asked) -> list[dict[str, str]]:
    """Other ways to read what was typed, each a link."""
    ways = [asked.other] if asked.other else []
    ways += {"name": ["given"], "given": ["name"], "place": ["name"]}.get(asked.way, [])
    links = [
        {"label": str(searching.WAYS[way]), "text": asked.text, "url": _with(request, way=way)}
        for way in ways
    ]
    for region in asked.places[1 if asked.inside else 0 :]:
        name = words.region(region.code)
        if asked.inside and asked.way != "place":  # 新兴 林: the next 新兴
            text, query = f"{name} {asked.text}", asked.text
        else:
            text, query = name, None
        links.append(
            {"label": _("地区"), "text": text, "url": _with(request, q=query, way=None, place=region.code)}
        )
    return links
