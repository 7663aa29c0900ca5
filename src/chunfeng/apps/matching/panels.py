"""The part of the person page that shows vacancies recommended, with reasons, and the public-welfare post."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chunfeng.apps.matching import selectors
from chunfeng.apps.matching.models import Vacancy
from chunfeng.apps.matching.selectors import Offered
from chunfeng.apps.registry import words
from chunfeng.apps.registry.models import Person

OFFERS = {
    "dorm": gettext_lazy("包住"),
    "no_dorm": gettext_lazy("不包住"),
    "meals": gettext_lazy("包吃"),
    "dayshift": gettext_lazy("白班"),
    "nightshift": gettext_lazy("有夜班"),
    "no_nightshift": gettext_lazy("无夜班"),
    "couple": gettext_lazy("夫妻房"),
    "no_couple": gettext_lazy("无夫妻房"),
    "childcare": gettext_lazy("可顾孩子"),
    "no_schooling": gettext_lazy("学历不限"),
}
"""What a vacancy offers, as the reader of vacancies names it (`engines/matching/market/words.yaml`)."""


@dataclass(frozen=True)
class Job:
    """A vacancy on a person's list, ready to be shown. `reasons`: (text, points or empty)."""

    rank: int
    title: str
    employer: str
    place: str
    pay: str
    terms: tuple[str, ...]
    score: float | None
    reasons: tuple[tuple[str, str], ...]
    source: str


def job(offered: Offered) -> Job:
    """A recommendation in words."""
    said, vacancy = offered.recommendation, offered.vacancy
    head, _colon, tail = said.reasons.partition("：")
    return Job(
        said.rank,
        vacancy.title if vacancy else head,
        vacancy.employer if vacancy else "",
        words.region(vacancy.region) if vacancy and vacancy.region else "",
        pay(vacancy) if vacancy else "",
        terms(vacancy) if vacancy else (),
        said.score,
        tuple(_reason(part) for part in (tail or head).split("；") if part),
        source(said.vacancy),
    )


def source(row: str) -> str:
    """Where the row of a vacancy or post stands, in words: 用需求.xlsx:岗位:4 → 用需求.xlsx 岗位 第4行."""
    file, _first, rest = row.partition(":")
    sheet, _second, number = rest.rpartition(":")
    return words.row(file, sheet, int(number)) if number.isdigit() else row


def pay(vacancy: Vacancy) -> str:
    """Pay by the month: 3700–5700 元/月; empty where the list names none."""
    bounds = sorted({each for each in (vacancy.pay_low, vacancy.pay_high) if each is not None})
    return _("%(pay)s 元/月") % {"pay": "–".join(map(str, bounds))} if bounds else ""


def terms(vacancy: Vacancy) -> tuple[str, ...]:
    """Kind of work, places left and what is offered."""
    told = [str(vacancy.get_work_type_display()) if vacancy.work_type else ""]
    if vacancy.places:
        told.append(_("招 %(n)s 人") % {"n": vacancy.places})
    return tuple(filter(None, [*told, *(str(OFFERS.get(each, each)) for each in vacancy.offers)]))


def _reason(part: str) -> tuple[str, str]:
    text, space, points = part.rpartition(" ")
    return (text, points) if space and points[:1] in "+-" else (part, "")


def panel(person: Person, as_of: date) -> dict[str, Any] | None:
    """Vacancies and the public-welfare post. Three queries at most; None where there is neither."""
    offered = selectors.recommended(person)
    post = selectors.public_post(person)
    if post:
        post["source"] = source(post["post"])
    jobs = [job(each) for each in offered if each.recommendation.vacancy]
    none = [each.recommendation.reasons for each in offered if not each.recommendation.vacancy]
    if not (jobs or none or post):
        return None
    todo = []
    if post and post["post"]:
        todo.append(
            {"rank": 5, "text": _("公益性岗位拟安置，请办理上岗"), "detail": "", "anchor": "public-post"}
        )
    if jobs:
        best = jobs[0]
        told = " · ".join(filter(None, (best.title, best.employer, best.pay)))
        todo.append({"rank": 30, "text": _("推荐岗位并回访"), "detail": told, "anchor": "jobs"})
    return {"jobs": jobs, "none": none, "post": post, "todo": todo}
