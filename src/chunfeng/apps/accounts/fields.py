"""What an account's fields may hold, in one place for forms and spreadsheets. Each raises Refused with the reason."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from chunfeng.apps.accounts.granting import Refused
from chunfeng.apps.places.models import Region
from chunfeng.apps.places.numbers import reach
from chunfeng.apps.places.scope import current
from chunfeng.engines.identity import phones

_USERNAME = re.compile(r"[\w.@-]{2,60}")


def clean_username(text: str) -> str:
    """Letters (Chinese too), digits and ._@-."""
    text = text.strip()
    if not _USERNAME.fullmatch(text):
        raise Refused(_("用户名须为 2 至 60 个字母、汉字、数字或 . _ @ -，中间不留空格。"))
    return text


def clean_phone(text: str) -> str | None:
    """A mobile number as eleven digits; None when nothing is given."""
    if not text.strip():
        return None
    read = phones.read(text)
    if read.phone is None or read.phone_2 is not None:
        raise Refused(_("手机号须是一个 11 位号码。"))
    return read.phone


def clean_person(text: str) -> str:
    """A person's key: the county's six digits and nine more."""
    text = text.strip()
    if text and not (text.isascii() and text.isdigit() and len(text) == 15):
        raise Refused(_("人员编号是 15 位数字，见一人一档。"))
    return text


def person_within(text: str) -> str:
    """The same, of a county whose persons the hat worn may reach."""
    text = clean_person(text)
    if text and not (
        Region.objects.filter(pk=text[:6]).exists()
        and (current().reach.covers(reach(text[:6])) or reach(text[:6]).covers(current().reach))
    ):
        raise Refused(_("人员编号不属于您的地区。"))
    return text
