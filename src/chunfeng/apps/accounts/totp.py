"""The second factor: a time-based code (RFC 6238, six digits, 30 seconds), each good for once, and recovery codes."""

from __future__ import annotations

import secrets
from datetime import datetime

import pyotp
import segno

from chunfeng.apps.accounts.models import User
from chunfeng.apps.audit.record import record
from chunfeng.apps.gate import limits
from chunfeng.apps.vault.fields import blind_index
from chunfeng.apps.vault.sealing import Unreadable, seal, unseal

_STEP = 30
_TRIES, _WHILE = 8, 600
_RECOVERY = 10
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
_SESSION, _BOUND_TO = "totp_pending", "session.totp"


class TooOften(ValueError):
    """Too many wrong codes in a while."""


def pending(session: dict) -> str:  # type: ignore[type-arg]
    """The secret being set up in this session, a new one when there is none; kept sealed."""
    try:
        return unseal(bytes.fromhex(session[_SESSION]), _BOUND_TO)
    except (KeyError, Unreadable):
        secret = pyotp.random_base32()
        session[_SESSION] = seal(secret, _BOUND_TO).hex()
        return secret


def picture(user: User, secret: str) -> str:
    """The QR code for an authenticator app, as a data address of an SVG."""
    address = pyotp.TOTP(secret).provisioning_uri(name=user.username, issuer_name="春风")
    return str(segno.make(address, error="m").svg_data_uri(scale=5, border=2))


def set_up(user: User, secret: str, code: str, now: datetime) -> list[str] | None:
    """Take the secret when the code proves that the app has it, and return the recovery codes; None when it does not."""
    _count(user)
    step = _matching_step(secret, code, now)
    if step is None:
        return None
    recovery = [_recovery_code() for _ in range(_RECOVERY)]
    user.totp_secret, user.totp_last = secret, step
    user.recovery_codes = [_digest(user, code) for code in recovery]
    user.save(update_fields=["totp_secret", "totp_last", "recovery_codes"])
    limits.clear("totp", user.pk)
    record("second_factor.set", kind="user", key=user.pk)
    return recovery


def check(user: User, code: str, now: datetime) -> bool:
    """Whether this is the app's code of now (half a minute's grace either way) or an unused recovery code. TooOften."""
    _count(user)
    code = "".join(code.split()).lower()
    step = _matching_step(user.totp_secret or "", code, now)
    good = step is not None and bool(
        User.objects.filter(pk=user.pk, totp_last__lt=step).update(totp_last=step)
    )
    if not good and step is None:
        good = _use_recovery(user, code)
    if good:
        limits.clear("totp", user.pk)
        record("second_factor.given", kind="user", key=user.pk)
    else:
        record("second_factor.wrong", kind="user", key=user.pk)
    return good


def mark(user: User) -> str:
    """What a session keeps once the second factor was given: it holds for the secret of now only, so a reset ends it."""
    return blind_index("second factor given", f"{user.pk}:{user.totp_secret or ''}").hex()


def forget(user: User) -> None:
    """Take the second factor away, so that it is set up anew at the next sign-in."""
    User.objects.filter(pk=user.pk).update(totp_secret=None, totp_last=0, recovery_codes=[])


def _count(user: User) -> None:
    if not limits.hit("totp", user.pk, _TRIES, _WHILE):
        raise TooOften


def _matching_step(secret: str, code: str, now: datetime) -> int | None:
    if not secret or not (code.isascii() and code.isdigit()) or len(code) != 6:
        return None
    totp = pyotp.TOTP(secret)
    this = int(now.timestamp()) // _STEP
    return next(
        (step for step in (this, this - 1, this + 1) if totp.verify(code, for_time=step * _STEP)),
        None,
    )


def _use_recovery(user: User, code: str) -> bool:
    """Strike a recovery code off; of two at once only one finds it."""
    digest = _digest(user, code)
    fresh = User.objects.select_for_update().get(pk=user.pk)
    left = [kept for kept in map(bytes, fresh.recovery_codes) if kept != digest]
    if len(left) == len(fresh.recovery_codes):
        return False
    User.objects.filter(pk=user.pk).update(recovery_codes=left)
    record("second_factor.recovery", kind="user", key=user.pk, details={"left": len(left)})
    return True


def _recovery_code() -> str:
    text = "".join(secrets.choice(_ALPHABET) for _ in range(10))
    return f"{text[:5]}-{text[5:]}"


def _digest(user: User, code: str) -> bytes:
    return blind_index("recovery code", f"{user.pk}:{code}")
