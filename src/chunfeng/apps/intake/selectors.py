"""What pages of this room show, read in the current scope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum

from chunfeng.apps.intake.models import Delivery, Extract, ExtractIssue, Run, SentFile
from chunfeng.apps.places.models import Organisation
from chunfeng.apps.places.numbers import place_number

PAGE = 50
MOST = 1_000


def capped(found: QuerySet) -> str:
    """How many, counted no further than a thousand."""
    number = found.order_by()[: MOST + 1].count()
    return f"{MOST}+" if number > MOST else str(number)


# --- deliveries ------------------------------------------------------------------------------------------------------


def deliveries(
    *, after: int | None = None, before: int | None = None, state: str = ""
) -> tuple[list[Delivery], bool]:
    """Fifty deliveries, newest first, with counts of files, lists and what is to do; whether there are more that way."""
    found = Delivery.objects.select_related("organisation")
    if state in Delivery.State.values:
        found = found.filter(state=state)
    if before:
        page = list(found.filter(pk__gt=before).order_by("pk")[: PAGE + 1])
        more, page = len(page) > PAGE, page[:PAGE][::-1]
    else:
        found = found.filter(pk__lt=after) if after else found
        page = list(found.order_by("-pk")[: PAGE + 1])
        more, page = len(page) > PAGE, page[:PAGE]
    counts = {row["delivery"]: row for row in _counts(page)}
    files = dict(
        SentFile.objects.filter(delivery__in=page).values_list("delivery").annotate(n=Count("pk")).order_by()
    )
    for each in page:
        each.counts = counts.get(each.pk, {})  # type: ignore[attr-defined]
        each.file_count = files.get(each.pk, 0)  # type: ignore[attr-defined]
    return page, more


def _counts(page: Sequence[Delivery]) -> QuerySet:
    to_do = Q(state__in=(Extract.State.NEEDS_MAPPING, Extract.State.READ, Extract.State.HELD))
    return (
        Extract.objects.filter(delivery__in=page)
        .values("delivery")
        .annotate(
            lists=Count("pk", filter=~Q(state=Extract.State.NOTE)),
            to_do=Count("pk", filter=to_do),
            records=Sum("records", filter=~Q(state=Extract.State.NOTE)),
            errors=Sum("errors", filter=~Q(state=Extract.State.NOTE)),
        )
        .order_by()
    )


def files_of(delivery: Delivery) -> list[SentFile]:
    """The files of a delivery with their lists and the problems that are the file's own, as `lists` and `own_issues`."""
    files = list(delivery.files.select_related("same_as__delivery").order_by("pk"))
    lists: dict[int, list[Extract]] = {}
    for extract in extracts().filter(delivery=delivery):
        lists.setdefault(extract.file_id, []).append(extract)
    own: dict[int, list[ExtractIssue]] = {}
    for issue in ExtractIssue.objects.filter(file__in=files, extract=None).order_by("file", "position")[
        :MOST
    ]:
        own.setdefault(issue.file_id, []).append(issue)
    for file in files:
        file.lists = lists.get(file.pk, [])  # type: ignore[attr-defined]
        file.own_issues = own.get(file.pk, [])  # type: ignore[attr-defined]
    return files


def extracts() -> QuerySet:
    """Extracts without their heavy columns, with sender and file."""
    return Extract.objects.select_related("organisation", "delivery", "file").defer("plan", "left_out")


# --- versions --------------------------------------------------------------------------------------------------------


def versions(extract: Extract) -> list[Extract]:
    """Every version of a list that was once accepted, the newest first."""
    same = extracts().filter(county=extract.county, series=extract.series, version__gt=0)
    return list(same.order_by("-version", "-pk")[:PAGE]) if extract.series else []


def current_lists(*, after: int | None = None, kind: str = "") -> tuple[list[Extract], bool]:
    """Lists that the next run reads, newest first."""
    found = extracts().filter(state__in=Extract.ACTIVE)
    found = found.filter(kind=kind) if kind else found
    found = found.filter(pk__lt=after) if after else found
    page = list(found.order_by("-pk")[: PAGE + 1])
    return page[:PAGE], len(page) > PAGE


# --- problems --------------------------------------------------------------------------------------------------------


def issue_counts(extract: Extract) -> list[Mapping[str, Any]]:
    """How often each problem stands in a list, gravest and most frequent first."""
    found = ExtractIssue.objects.filter(extract=extract).values("rank", "code").annotate(n=Count("pk"))
    return list(found.order_by("rank", "-n", "code"))


def issues(
    extract: Extract,
    *,
    rank: int | None = None,
    code: str = "",
    after: int | None = None,
    before: int | None = None,
) -> tuple[list[ExtractIssue], bool]:
    """Fifty problems of a list in the order of its rows, and whether there are more that way."""
    found = ExtractIssue.objects.filter(extract=extract)
    found = found.filter(rank=rank) if rank is not None else found
    found = found.filter(code=code) if code else found
    if before is not None:
        page = list(found.filter(position__lt=before).order_by("-position")[: PAGE + 1])
        return page[:PAGE][::-1], len(page) > PAGE
    found = found.filter(position__gt=after) if after is not None else found
    page = list(found.order_by("position")[: PAGE + 1])
    return page[:PAGE], len(page) > PAGE


# --- runs, senders ---------------------------------------------------------------------------------------------------


def latest_runs(number: int = 20) -> list[Run]:
    """The last runs in reach."""
    return list(Run.objects.order_by("-pk")[:number])


def senders(county: str) -> QuerySet:
    """Organisations that hand in lists to a county: those of it, of its towns and villages; not employers."""
    low = place_number(county)
    return (
        Organisation.objects.filter(active=True, region__place__gte=low, region__place__lt=low + 10**6)
        .exclude(kind=Organisation.Kind.EMPLOYER)
        .select_related("region")
        .annotate(region_place=F("region__place"))
        .order_by("region_place", "kind", "name")
    )
