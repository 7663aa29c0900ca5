"""What templates of this room say in words."""

from __future__ import annotations

from datetime import date

from django import template
from django.urls import NoReverseMatch, reverse

from chunfeng.apps.registry import searching, words
from chunfeng.apps.registry.models import minted_number

register = template.Library()

register.filter("place_name", lambda number: words.place(number) if number else "")
register.filter("place_short", lambda number: words.place_short(number) if number else "")
register.filter("region_name", words.region)
register.filter("finding_name", words.finding)
register.filter("list_name", words.kind_of_list)
register.filter("rule_name", words.rule)
register.filter("department_name", words.department)
register.filter("way_name", lambda way: searching.WAYS.get(way, ""))
register.filter("lane_name", lambda lane: words.LANES.get(lane, lane))
register.filter("person_number", minted_number)


@register.filter
def person_url(key: int) -> str:
    """Where one person is seen whole: the desk's page, where the site has one."""
    try:
        return reverse("person", args=[key])
    except NoReverseMatch:
        return reverse("registry-rows", args=[key])


@register.filter
def age_on(birth: date | None, day: date) -> str:
    """Full years on a day; nothing where the birth date is unknown."""
    if birth is None:
        return ""
    return str(day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day)))
