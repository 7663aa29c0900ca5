"""What was found for one employer: its vacancies and what became of them, fairs, workers lent and borrowed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache

from django.db.models import Q

from chunfeng.apps.matching.models import FairSignup, Loan, Vacancy
from chunfeng.apps.matching.panels import pay, source, terms
from chunfeng.apps.places.scope import current, use
from chunfeng.apps.registry import words
from chunfeng.engines.screening.book import PostRule
from chunfeng.engines.screening.trial import load_book
from chunfeng.ui.language import english as in_english

MOST = 200
"""Vacancies, sign-ups and loans that are shown of one employer."""


@dataclass(frozen=True)
class Opening:
    """A vacancy as its employer sees it. `wrong`, `hints`: what the screening found, by name."""

    vacancy: Vacancy
    place: str
    pay: str
    terms: tuple[str, ...]
    wrong: tuple[str, ...]
    hints: tuple[str, ...]
    source: str


@dataclass(frozen=True)
class Lending:
    """Workers lent (`out`) or borrowed, and the other employer by name."""

    loan: Loan
    out: bool
    other: str


def openings(key: str) -> list[Opening]:
    """The employer's vacancies: unlawful ones first, then those to be judged. One query."""
    found = Vacancy.objects.filter(employer_key=key).order_by("lawful", "vacancy")[:MOST]
    return [_opening(each) for each in found]


def _opening(vacancy: Vacancy) -> Opening:
    return Opening(
        vacancy,
        words.region(vacancy.region) if vacancy.region else "",
        pay(vacancy),
        terms(vacancy),
        tuple(map(rule_name, vacancy.rules)),
        tuple(map(rule_name, vacancy.warnings)),
        source(vacancy.vacancy),
    )


def signups(key: str) -> list[FairSignup]:
    """The employer's sign-ups for fairs, in the order of the lists. One query."""
    return list(FairSignup.objects.filter(employer_key=key).order_by("file", "sheet", "row")[:MOST])


def loans(key: str) -> list[Lending]:
    """Workers lent and borrowed, with the other employer's name. Two queries at most."""
    found = list(Loan.objects.filter(Q(lender=key) | Q(borrower=key)).order_by("starts", "pk")[:MOST])
    others = [each.borrower if each.lender == key else each.lender for each in found]
    known = names(others) if others else {}
    return [
        Lending(each, each.lender == key, known[other]) for each, other in zip(found, others, strict=True)
    ]


def names(keys: Iterable[str]) -> dict[str, str]:
    """Employers by name, as far as one of their vacancies tells it; otherwise the key: N:name@region without its marks.

    Nothing but the name: an employer sees no other's vacancies, yet whom it lends workers to.
    """
    wanted = set(keys)
    with use(replace(current(), organisation=None, employer=None)):
        told = Vacancy.objects.filter(employer_key__in=wanted).exclude(employer="")
        known = dict(told.values_list("employer_key", "employer").distinct())
    return {key: known.get(key) or _plain(key) for key in wanted}


def _plain(key: str) -> str:
    return key.removeprefix("N:").rpartition("@")[0] or key if key.startswith("N:") else key


def rule_name(code: str) -> str:
    """A rule of the screening by name, in the reader's language."""
    rule = _rules().get(code)
    if rule is None:
        return code
    return rule.english if in_english() else rule.name


@cache
def _rules() -> dict[str, PostRule]:
    return {each.rule: each for each in load_book()}
