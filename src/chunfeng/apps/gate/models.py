"""Counters of what may be done so often in a while."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Counter(models.Model):
    """How often something was done since its window opened. `name` never holds a phone or an address as it is."""

    name = models.CharField(_("计数项"), max_length=80, primary_key=True)
    count = models.IntegerField(_("次数"))
    ends = models.DateTimeField(_("到何时为止"))

    class Meta:
        verbose_name = _("次数限制")
        verbose_name_plural = _("次数限制")
        indexes = (models.Index(fields=("ends",), name="counter_by_end"),)
