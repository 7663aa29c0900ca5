"""Sign-in by a code sent to the phone, for workers: six digits, five minutes, five tries, kept as a keyed digest."""

from __future__ import annotations

import hmac
import secrets
from datetime import timedelta

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from chunfeng.apps.accounts.messages import channel
from chunfeng.apps.accounts.models import Membership, SignInCode, User
from chunfeng.apps.gate import limits
from chunfeng.apps.gate.capabilities import Capability
from chunfeng.apps.vault.fields import blind_index

VALID = timedelta(minutes=5)
TRIES = 5
_PHONE_LIMITS = ((1, 60), (5, 3_600), (10, 86_400))
_ADDRESS_LIMIT = (300, 3_600)
"""Codes asked for from one address and not used to sign in. A whole county may sit behind one address, and uses its codes;
who asks for others' phones does not, and each text costs and disturbs."""
_WRONG_LIMIT = (300, 3_600)
"""Wrong codes from one address: more than a county mistypes, too few to guess one code for many phones."""


class TooOften(ValueError):
    """More codes, or more tries, than allowed; the message says when to come back."""


def ask(phone: str, address: str) -> None:
    """Send a code to the one active worker with this phone. Says nothing of whether there is one. TooOften."""
    within = limits.hit("sms-address", address, *_ADDRESS_LIMIT)
    for limit, seconds in _PHONE_LIMITS:
        within = limits.hit(f"sms-{seconds}", phone, limit, seconds) and within
    if not within:
        raise TooOften(_("要得太勤了，请过一分钟再试；一天最多十次。"))
    user = _worker(phone)
    if user is None:
        return
    now = timezone.now()
    code = f"{secrets.randbelow(1_000_000):06d}"
    made = SignInCode.objects.create(
        phone_index=blind_index("phone", phone), digest=b"", sent_at=now, expires_at=now + VALID
    )
    SignInCode.objects.filter(pk=made.pk).update(digest=_digest(made.pk, code))
    channel().send(user, _("【春风】登录验证码 %(code)s，五分钟内有效。不要告诉任何人。") % {"code": code})


def check(phone: str, code: str, address: str) -> User | None:
    """The worker this code belongs to, who may now sign in; None when it is wrong, old, used or tried too often."""
    if limits.spent("sms-wrong", address, _WRONG_LIMIT[0]):
        raise TooOften(_("试得太多了，请一小时后再来。"))
    user = _checked(phone, code)
    if user is None:
        limits.hit("sms-wrong", address, *_WRONG_LIMIT)
    else:
        limits.give_back("sms-address", address)
    return user


def _checked(phone: str, code: str) -> User | None:
    index = blind_index("phone", phone)
    newest = SignInCode.objects.filter(phone_index=index).order_by("-pk").first()
    if newest is None:
        return None
    counted = SignInCode.objects.filter(
        pk=newest.pk, used=False, tries__lt=TRIES, expires_at__gt=timezone.now()
    ).update(tries=F("tries") + 1)
    if not counted or not hmac.compare_digest(bytes(newest.digest), _digest(newest.pk, code)):
        return None
    if not SignInCode.objects.filter(pk=newest.pk, used=False).update(used=True):
        return None
    return _worker(phone)


def _digest(key: int, code: str) -> bytes:
    return blind_index("sign-in code", f"{key}:{code}")


def _worker(phone: str) -> User | None:
    """The one active user with this phone who is a worker and nothing else; None when there are several."""
    today = timezone.localdate()
    found = list(
        User.objects.filter(phone_index=blind_index("phone", phone), is_active=True).exclude(person="")[:2]
    )
    if len(found) != 1:
        return None
    hats = Membership.objects.filter(user=found[0]).valid_on(today).select_related("role")
    only = {capability for hat in hats for capability in hat.role.capabilities}
    return found[0] if only == {Capability.SELF} else None
