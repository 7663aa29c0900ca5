"""Days by the civil code: a period counted in months or years ends on the corresponding day, or on the month's last.

民法典第二百零二条：按照年、月计算期间的，到期月的对应日为期间的最后一日；没有对应日的，月末日为期间的最后一日。
So who was born on 29 February completes a year on 28 February of a common year. An age is completed on the birthday itself.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

FIRST, LAST = date(1, 1, 1), date(9999, 12, 31)
LIMITS = {"age": (0, 150), "months": (-1200, 1800), "days": (-40_000, 60_000)}
"""What a condition may ask for; beyond, somebody mistyped."""


def add_months(day: date, months: int) -> date:
    """The corresponding day so many months later (or earlier), the month's last day if it has none. Kept within FIRST…LAST."""
    index = day.year * 12 + day.month - 1 + months
    if index < 12:
        return FIRST
    if index >= 120_000:
        return LAST
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def whole_months(since: date, as_of: date) -> int:
    """The largest n with `add_months(since, n) <= as_of`; negative for days to come."""
    months = (as_of.year - since.year) * 12 + as_of.month - since.month
    return months if add_months(since, months) <= as_of else months - 1


def age(birth: date, as_of: date) -> int:
    """Completed years on that day; -1 or less before birth."""
    return whole_months(birth, as_of) // 12


def measure(unit: str, since: date, as_of: date) -> int:
    """Completed years, whole months or days from a date to the as-of date. `unit`: age, months, days."""
    if unit == "age":
        return age(since, as_of)
    return whole_months(since, as_of) if unit == "months" else (as_of - since).days


def latest_for(unit: str, at_least: int, as_of: date) -> date:
    """The last date whose measure on that day is `at_least` or more: `measure(d) >= n` is `d <= latest_for(n)`."""
    if unit == "days":
        return _shifted(as_of, -at_least)
    months = at_least * 12 if unit == "age" else at_least
    last_of_month = as_of.day == monthrange(as_of.year, as_of.month)[1]
    # every day of the month so many months before has its corresponding day by the last of this month
    found = add_months(as_of, -months)
    if last_of_month and FIRST < found < LAST:
        return found.replace(day=monthrange(found.year, found.month)[1])
    return found


def reached_on(unit: str, since: date, at_least: int) -> date:
    """The first day on which the measure since that date is `at_least`."""
    if unit == "days":
        return _shifted(since, at_least)
    return add_months(since, at_least * 12 if unit == "age" else at_least)


def _shifted(day: date, by: int) -> date:
    try:
        return day + timedelta(days=by)
    except OverflowError:
        return LAST if by > 0 else FIRST
