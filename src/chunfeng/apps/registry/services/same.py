"""One person in two counties: two offices say so, each for its own; neither record is changed."""

from __future__ import annotations

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chunfeng.apps.audit.record import record
from chunfeng.apps.places.numbers import place_number, reach
from chunfeng.apps.places.scope import current
from chunfeng.apps.registry import selectors
from chunfeng.apps.registry.models import SamePerson, SameVoice
from chunfeng.apps.registry.services.decisions import Refused

EVIDENCE = "证号相同"

_FIND = """
    INSERT INTO registry_sameperson (place, other_place, first, second, evidence, found_at)
    SELECT a.place, b.place, a.key, b.key, %(evidence)s, now()
    FROM registry_person a JOIN registry_person b ON a.id18_index = b.id18_index AND a.county < b.county
    WHERE a.gone IS NULL AND b.gone IS NULL AND (a.county = %(county)s OR b.county = %(county)s)
    ON CONFLICT (first, second) DO UPDATE SET place = excluded.place, other_place = excluded.other_place
    WHERE (registry_sameperson.place, registry_sameperson.other_place) IS DISTINCT FROM (excluded.place, excluded.other_place)
"""


def find(county: str) -> int:
    """Pairs of a county and all others whose verified citizen numbers are equal; in the scope of the province. New or moved."""
    with connection.cursor() as cursor:
        cursor.execute(_FIND, {"evidence": EVIDENCE, "county": county})
        return int(cursor.rowcount)


def say(pair: SamePerson, said: str, reason: str) -> SameVoice:
    """Speak for one's office. It holds when two people agree and each county was spoken for."""
    scope = current()
    counties = [place_number(str(key)[:6]) for key in (pair.first, pair.second)]
    mine = [at for at in counties if scope.reach.holds(at)]
    if not mine:
        raise Refused(_("您不能代表其中任何一县表态。"))
    standing = list(SameVoice.objects.filter(pair=pair, undone_at=None).select_related("by"))
    if any(v.by_id == scope.actor for v in standing):
        raise Refused(_("您已经表过态：要改请先撤回。复核须由另一人。"))
    if any(v.behind & scope.behind for v in standing):
        raise Refused(_("委托人和代理人只算一人：已有一方表过态，复核须由别人。"))
    spoken = {v.place for v in standing}
    # the office speaks for the county that nobody has spoken for yet, so that one above both completes the pair
    at = next((c for c in mine if c not in spoken), mine[0])
    try:
        with transaction.atomic():
            made = SameVoice.objects.create(
                pair=pair, place=at, first_place=pair.place, second_place=pair.other_place, said=said,
                reason=reason, by_id=scope.actor, on_behalf_of=scope.on_behalf_of,
            )  # fmt: skip
    except IntegrityError as error:
        raise Refused(_("您已经表过态：要改请先撤回。")) from error
    holds = selectors.settled([*standing, made])
    details = {"said": said, "holds": holds, "persons": [pair.first, pair.second]}
    record("same_person", kind="same_person", key=pair.pk, reason=reason, details=details)
    return made


def withdraw(pair: SamePerson, reason: str) -> None:
    """Take back one's own word; the link ends with it."""
    voice = SameVoice.objects.mine().filter(pair=pair, by=current().actor, undone_at=None).first()
    if voice is None:
        raise Refused(_("您没有可撤回的意见。"))
    voice.undone_at, voice.undone_by_id, voice.undone_reason = timezone.now(), current().actor, reason
    voice.save()
    record("undo", kind="same_person", key=pair.pk, reason=reason)


def speaks_for(pair: SamePerson) -> bool:
    """Whether the hat worn may speak for one of the two counties."""
    return any(current().reach.covers(reach(str(key)[:6])) for key in (pair.first, pair.second))
