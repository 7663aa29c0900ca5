"""Rides asked for, and seats on chartered trips."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from chunfeng.apps.places.scoped import PersonalModel
from chunfeng.apps.registry.models import Person


class RideRequest(PersonalModel):
    """A ride that somebody asked for: where to, when, how many."""

    county = models.CharField(_("登记县"), max_length=6)
    person = models.ForeignKey(
        Person, models.CASCADE, null=True, related_name="ride_requests", db_constraint=False
    )
    file = models.CharField(_("文件"), max_length=300)
    sheet = models.CharField(_("表"), max_length=120, blank=True)
    row = models.IntegerField(_("行"))
    destination = models.CharField(_("目的地区划"), max_length=6, blank=True)
    earliest = models.DateField(_("最早出发"), null=True)
    latest = models.DateField(_("最晚出发"), null=True)
    party = models.IntegerField(_("同行人数"), null=True, help_text=_("含本人"))
    duplicate = models.BooleanField(_("重复报名"), default=False)

    class Meta(PersonalModel.Meta):
        verbose_name = _("返岗乘车需求")
        verbose_name_plural = _("返岗乘车需求")
        indexes = (
            models.Index(fields=("person",), name="ride_by_person"),
            models.Index(fields=("place", "destination", "id"), name="ride_by_destination"),
        )


class Seat(PersonalModel):
    """A seat on a chartered trip."""

    county = models.CharField(_("登记县"), max_length=6)
    person = models.ForeignKey(Person, models.CASCADE, null=True, related_name="seats", db_constraint=False)
    trip = models.CharField(_("车次"), max_length=80)
    pickup = models.CharField(_("上车点"), max_length=120)
    time = models.DateTimeField(_("发车时间"), null=True)
    seat = models.IntegerField(_("座位"))

    class Meta(PersonalModel.Meta):
        verbose_name = _("座位")
        verbose_name_plural = _("座位")
        indexes = (
            models.Index(fields=("person",), name="seat_by_person"),
            models.Index(fields=("place", "trip", "seat"), name="seat_by_trip"),
        )


class Unplanned(PersonalModel):
    """A ride asked for that no chartered trip carries: why, the price of a ticket, and trips that still have room."""

    county = models.CharField(_("登记县"), max_length=6)
    person = models.ForeignKey(
        Person, models.CASCADE, null=True, related_name="unplanned_rides", db_constraint=False
    )
    file = models.CharField(_("文件"), max_length=300)
    sheet = models.CharField(_("表"), max_length=120, blank=True)
    row = models.IntegerField(_("行"))
    reason = models.TextField(_("理由"))
    ticket = models.FloatField(_("票价"), null=True, help_text=_("元"))
    trips = models.TextField(_("可改乘的车次"), blank=True)

    class Meta(PersonalModel.Meta):
        verbose_name = _("未排上车的需求")
        verbose_name_plural = _("未排上车的需求")
        indexes = (models.Index(fields=("person",), name="unplanned_by_person"),)
