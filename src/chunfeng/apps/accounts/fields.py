"""What an account's fields may hold, in one place for forms and spreadsheets. Each raises Refused with the reason."""

from __future__ import annotations

import re
import unicodedata

from django.utils.translation import gettext as _

from chunfeng.apps.accounts.granting import Refused
from chunfeng.apps.places.models import Region
from chunfeng.apps.places.numbers import reach
from chunfeng.apps.places.scope import current
from chunfeng.engines.identity import phones

_PERSON = re.compile(r"(\d{6})?P?(\d{9})", re.ASCII)
_UNSEEN = ("Cc", "Cf", "Co", "Cn", "Zl", "Zp")
_USERNAME = re.compile(r"[\w.@-]{2,60}")


def clean_username(text: str) -> str:
    """Letters (Chinese too), digits and ._@-."""
    text = text.strip()
    if not _USERNAME.fullmatch(text):
        raise Refused(_("用户名须为 2 至 60 个字母、汉字、数字或 . _ @ -，中间不留空格。"))
    return text


def clean_name(text: str) -> str:
    """What somebody is called, with nothing in it that does not show: a mark that turns the direction of writing makes one
    name look like another."""
    text = text.strip()
    if len(text) > 60 or any(unicodedata.category(each) in _UNSEEN for each in text):
        raise Refused(_("姓名最长 60 个字，里面不能有看不见的字符。"))
    return text


def clean_phone(text: str) -> str | None:
    """A mobile number as eleven digits; None when nothing is given."""
    if not text.strip():
        return None
    read = phones.read(text)
    if read.phone is None or read.phone_2 is not None:
        raise Refused(_("手机号须是一个 11 位号码。"))
    return read.phone


def clean_person(text: str, region: str = "") -> str:
    """A person's key: the county's six digits and nine more. The number on the person's page, P and nine digits, is taken
    for one of the county of `region`, a code."""
    told = _PERSON.fullmatch(text.strip().upper())
    if not text.strip():
        return ""
    if told is None:
        raise Refused(_("人员编号写成一人一档上的样子，如 P000000042；别的县的前面加区划代码。"))
    county = told[1] or region[:6]
    if len(county) != 6:
        raise Refused(_("人员编号前面请加县的区划代码，如 350825P000000042。"))
    return county + told[2]


def person_within(text: str, region: str = "") -> str:
    """The same, of a county whose persons the hat worn may reach."""
    text = clean_person(text, region)
    if text and not (
        Region.objects.filter(pk=text[:6]).exists()
        and (current().reach.covers(reach(text[:6])) or reach(text[:6]).covers(current().reach))
    ):
        raise Refused(_("人员编号不属于您的地区。"))
    return text
