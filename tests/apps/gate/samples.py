"""What stands behind the addresses with parameters: one object each, and who may see it.

A page that is new adds a line to `SAMPLES`: the keyword arguments of its address out of the `World`, and the places of
the object (or another rule of who sees it). Everything of the world lies in one village, and carries `MARK`.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from chunfeng.apps.accounts.models import Membership, Role, User, UserImport
from chunfeng.apps.audit import exports
from chunfeng.apps.audit.models import ExportRequest
from chunfeng.apps.campaigns.models import Campaign
from chunfeng.apps.gate.capabilities import Capability
from chunfeng.apps.intake.models import Delivery, Extract, SentFile
from chunfeng.apps.places.models import Organisation, Region
from chunfeng.apps.places.numbers import Reach, reach
from chunfeng.apps.places.scope import use, whole_province
from chunfeng.apps.registry.models import Claim, Correction, Decision, Doubt, Person, PersonFile, SamePerson

MARK = "标记林春"
COUNTY = "350825"
KEY = 350825700000001


@dataclass(frozen=True)
class Reader:
    """Who asks: a role worn at a place. `position`: own, neighbour, parent or child, seen from the sampled objects."""

    user: User
    role: Role
    region: Region
    position: str

    @property
    def reach(self) -> Reach:
        return self.region.reach

    def may(self, capability: Capability | None) -> bool:
        return capability is None or capability in self.role.capabilities


class World:
    """One of everything, in one village of 连城; made inside the caller's transaction."""

    def __init__(self) -> None:
        self.village = (
            Region.objects.filter(code__startswith=COUNTY, level="village").order_by("place").first()
        )
        self.town = self.village.parent
        self.place = self.village.place
        self.made: dict[str, Any] = {}
        with use(whole_province("test", "samples")):
            self._make_person()
            self._make_delivery()
            self._make_accounts()

    def _make_person(self) -> None:
        here = {"place": self.place, "county": COUNTY}
        person = Person.objects.create(key=KEY, name=MARK, id18="35082519900101001X", **here)
        Person.objects.create(key=KEY + 1, name="另一人", **here)
        PersonFile.objects.create(person=person, place=self.place, content={"values": []})
        row = {"file": f"{MARK}.csv", "sheet": "", "row": 2}
        by = self._user("someone", "town_officer", self.town)
        self.made |= {
            "claim": Claim.objects.create(person=person, kind="survey", lane="id", **row, **here),
            "doubt": Doubt.objects.create(
                person=person, group=MARK, rank=1, why="同名", fingerprint="f" * 40, name=MARK, **row, **here
            ),
            "decision": Decision.objects.create(
                action="confirm",
                fingerprint="e" * 40,
                person=KEY,
                kind="row",
                deed=uuid.uuid4(),
                by=by,
                reason=MARK,
                file="甲.csv",
                row=3,
                **here,
            ),
            "correction": Correction.objects.create(
                person=person, field="name", value="林小春", evidence=MARK, by=by, reason=MARK, **here
            ),
            "same": SamePerson.objects.create(
                place=self.place, other_place=self.place, first=KEY, second=KEY + 1, evidence=MARK
            ),
        }

    def _make_delivery(self) -> None:
        here = {"place": self.place, "county": COUNTY}
        delivery = Delivery.objects.create(note=MARK, as_of=date(2023, 1, 15), state="open", **here)
        file = SentFile.objects.create(
            delivery=delivery,
            name=f"{MARK}.csv",
            path=f"{MARK}.csv",
            size=1,
            sha256="0" * 64,
            kind="table",
            stored="intake-" + "0" * 32,
            state="read",
            **here,
        )
        self.made["file"] = file
        self.made["delivery"] = delivery
        self.made["extract"] = Extract.objects.create(
            file=file, delivery=delivery, source=f"{MARK}.csv", state="read", kind="survey", **here
        )

    def _user(
        self, username: str, role: str, region: Region, organisation: Organisation | None = None
    ) -> User:
        user, _ = User.objects.get_or_create(username=username, defaults={"name": username})
        Membership.objects.get_or_create(
            user=user,
            role_id=role,
            region=region,
            organisation=organisation,
            defaults={"valid_from": date(2022, 1, 1)},
        )
        return user

    def _make_accounts(self) -> None:
        today = timezone.localdate()
        account = self._user("account", "village_worker", self.village)
        User.objects.filter(pk=account.pk).update(name=MARK)
        self.made["account"] = account
        self.made["organisation"] = Organisation.objects.create(
            name="某村委会", kind="village_office", region=self.village
        )
        self.made["campaign"] = Campaign.objects.first()
        manager = self._user("own-county_approver", "county_approver", Region.objects.get(code=COUNTY))
        hat = Membership.objects.get(user=manager)
        self.made["import"] = UserImport.objects.create(by=manager, hat=hat, file_name=MARK, rows=[])
        self.made["lent"] = Membership.objects.create(
            user=account,
            role=hat.role,
            region=hat.region,
            valid_from=today,
            valid_to=today + timedelta(days=3),
            on_behalf_of=manager,
            lent_from=hat,
        )
        clerk = self._user("own-county_clerk", "county_clerk", Region.objects.get(code=COUNTY))
        low, high = reach(COUNTY)
        self.made["export"] = ExportRequest.objects.create(
            place=low,
            low=low,
            high=high,
            code="audit",
            columns=["id"],
            reason=MARK,
            rows=300,
            asker=clerk.pk,
            asked_at=timezone.now(),
            role="county_clerk",
        )

    def pk(self, name: str) -> Any:
        return self.made[name].pk


Seen = Callable[[World, Reader], bool | None]


def in_reach(world: World, reader: Reader) -> bool:
    """The village's own offices and those above it."""
    return reader.reach.holds(world.place)


def unowned(world: World, reader: Reader) -> bool:
    """The same, without those who see only what their own organisation sent."""
    return in_reach(world, reader) and not reader.role.own_organisation_only


def its_user(name: str) -> Seen:
    """Only one user, whoever else is near."""
    return lambda world, reader: reader.user.username == name


def export_seen(world: World, reader: Reader) -> bool:
    """Whoever asked, and those who may approve for the whole county."""
    asked = world.made["export"]
    covers = reader.reach.covers(Reach(asked.low, asked.high))
    return reader.user.pk == asked.asker or (covers and reader.may(Capability.EXPORT_APPROVE))


def province_only(world: World, reader: Reader) -> bool:
    return reader.reach.covers(reach("35"))


def anybody(world: World, reader: Reader) -> None:
    """No data of a place stands behind it; what the page answers is its own affair."""


def audit_only(world: World, reader: Reader) -> bool:
    """The list on offer to those who read the audit."""
    return reader.may(exports.known("audit").capability)


@dataclass(frozen=True)
class Sample:
    """`kwargs`: of the address; `seen`: whether a reader may see what stands behind it (None: anything goes);
    `also`: answers besides 200, 302 and 405 that mean it was seen, such as 404 for a part that is not there;
    `unknown`: answers besides 404 to who must not know of it: 302 where a page goes back to its list for whatever is
    not there, settled long ago or never."""

    kwargs: Callable[[World], dict[str, Any]]
    seen: Seen = in_reach
    also: frozenset[int] = field(default_factory=frozenset)
    unknown: frozenset[int] = field(default_factory=frozenset)


_BACK_TO_ITS_LIST = frozenset((302,))


def _of(
    name: str, parameter: str = "pk", seen: Seen = in_reach, also: tuple[int, ...] = (), **more: Any
) -> Sample:
    return Sample(lambda world: {parameter: world.pk(name)} | more, seen, frozenset(also))


def _person(also: tuple[int, ...] = (), **more: Any) -> Sample:
    return Sample(lambda world: {"key": KEY} | more, in_reach, frozenset(also))


def _campaign(**more: Any) -> Sample:
    return Sample(lambda world: {"code": world.made["campaign"].code} | more, anybody)


_REGION = Sample(
    lambda world: {"code": int(world.village.code)}, lambda w, r: r.reach.covers(w.village.reach)
)

SAMPLES: dict[str, Sample] = {
    # accounts and audit
    "hat-take-back": _of("lent", "number", its_user("own-county_approver")),
    "user-import": _of("import", "number", its_user("own-county_approver")),
    "user-import-accept": _of("import", "number", its_user("own-county_approver")),
    "user-import-result": _of("import", "number", its_user("own-county_approver"), (409,)),
    **{
        f"user{page}": _of("account", "number")
        for page in ("", "-grant", "-active", "-password", "-second-factor", "-unlock")
    },
    "user-hat-end": Sample(
        lambda world: {"number": world.pk("account"), "hat": world.made["account"].memberships.first().pk}
    ),
    "organisation": _of("organisation", "number"),
    "role": Sample(lambda world: {"code": "county_clerk"}, province_only),
    "export-ask": Sample(lambda world: {"code": "audit"}, audit_only, frozenset((422,))),
    "export": _of("export", "number", export_seen),
    "export-decide": _of("export", "number", export_seen, (422,)),
    "export-download": _of("export", "number", export_seen, (422,)),
    # campaigns
    "campaign": _campaign(),
    "campaign-change": _campaign(),
    "campaign-targets": _campaign(),
    "campaign-targets-of": Sample(
        lambda world: {"code": world.made["campaign"].code, "region": int(world.village.code)}, _REGION.seen
    ),
    "campaign-part-new": _campaign(what="indicators"),
    "campaign-part": _campaign(what="indicators", key=1),
    "campaign-part-remove": _campaign(what="indicators", key=1),
    # desk
    "overview": _REGION,
    "list": Sample(lambda world: {"code": int(world.village.code), "measure": "persons"}, _REGION.seen),
    "person": _person(),
    "person-rows": _person(),
    "person-history": _person(),
    "person-why": _person((404,), rule="A1"),
    # intake
    **{f"intake-{page}": _of("delivery", seen=unowned) for page in ("delivery", "progress", "accept-all")},
    # whoever only looks at the lists of others gets no content as it was sent
    "intake-file": _of("file", seen=unowned, also=(403, 404)),
    "intake-picture": _of("file", seen=unowned, also=(403, 404)),
    "intake-workbook": _of("extract", seen=unowned, also=(403,)),
    **{
        f"intake-{page}": _of("extract", seen=unowned, also=(404, 409, 422))
        for page in (
            "columns confirm rows issues history accept release reject undo reopen replacing aside".split()
        )
    },
    "intake-row": _of("extract", seen=unowned, also=(404,), row=2),
    # registry
    "registry-review-group": replace(_of("doubt", also=(404,)), unknown=_BACK_TO_ITS_LIST),
    "registry-decide": _of("doubt", also=(404, 409, 422)),
    "registry-ask": _of("doubt", also=(404, 422)),
    "registry-undo": Sample(
        lambda world: {"deed": world.made["decision"].deed},
        also=frozenset((404, 409, 422)),
        unknown=_BACK_TO_ITS_LIST,
    ),
    "registry-row": _of("claim", also=(404,)),
    "registry-rows": _person(),
    "registry-split": _person((404, 409, 422)),
    "registry-merge": _person((404, 409, 422)),
    "registry-correct": _person((422,)),
    "registry-reveal": _person((404, 422)),
    "registry-correction-undo": replace(_of("correction", also=(404, 409, 422)), unknown=_BACK_TO_ITS_LIST),
    "registry-same-say": _of("same", also=(404, 409, 422)),
    "registry-same-approve": _of("same", also=(404, 409, 422)),
    # ui
    "map-data": Sample(lambda world: {"level": "county"}, anybody),
    "style-progress": Sample(lambda world: {"step": 1}, anybody),
}
