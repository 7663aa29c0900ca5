"""What may be chartered and what it costs: seats, least loads, prices, speeds, as a table a county can replace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import yaml

MODES = ("coach", "train", "flight")


class TariffError(ValueError):
    """A tariff that cannot be used; the message says which entry, and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Vehicle:
    """One kind of vehicle: `least` passengers or it does not run; yuan per trip and per kilometre; reach in km."""

    id: str
    name: str
    mode: str
    seats: int
    least: int
    fixed: float
    per_km: float
    nearest_km: float = 0
    farthest_km: float = float("inf")

    def cost(self, km: float) -> float:
        """Yuan for one trip."""
        return self.fixed + self.per_km * km


@dataclass(frozen=True, slots=True)
class Tariff:
    """All vehicles, the ticket bought instead (yuan), and how distances become road kilometres and hours."""

    vehicles: tuple[Vehicle, ...]
    voucher_fixed: float
    voucher_per_km: float
    local_fixed: float
    local_per_km: float
    road_factor: float
    rail_factor: float
    feeder: Mapping[str, float]
    speed_kmh: Mapping[str, float]
    minutes_per_stop: int
    depart: time
    own: bool = False
    """Whether the county gave the figures itself; the shipped ones are planning figures."""

    def voucher(self, km: pl.Expr) -> pl.Expr:
        """Yuan for one person's ticket over kilometres by road."""
        return self.voucher_fixed + self.voucher_per_km * km

    def km(self, mode: str, straight: float) -> float:
        """Kilometres by road, rail or air for a great-circle distance."""
        return straight * {"coach": self.road_factor, "train": self.rail_factor}.get(mode, 1.0)

    def vehicle(self, id: str) -> Vehicle:
        """The vehicle of that id; KeyError for none."""
        found = next((v for v in self.vehicles if v.id == id), None)
        if found is None:
            raise KeyError(id)
        return found


@cache
def own_tariff() -> Tariff:
    """The tariff shipped with the product."""
    return read_tariff(Path(__file__).with_name("vehicles.yaml").read_text(encoding="utf-8"), own=False)


def read_tariff(text: str, *, own: bool = True) -> Tariff:
    """A tariff in the form of `vehicles.yaml`. Raises TariffError."""
    try:
        said = yaml.safe_load(text)
        vehicles = tuple(_vehicle(entry) for entry in said["vehicles"])
        hour, minute = str(said["depart"]).split(":")
        tariff = Tariff(
            vehicles, float(said["voucher"]["fixed"]), float(said["voucher"]["per_km"]),
            float(said["local_ride"]["fixed"]), float(said["local_ride"]["per_km"]), float(said["road_factor"]),
            float(said["rail_factor"]), _numbers(said["feeder"]),
            _numbers(said["speed_kmh"]),
            int(said["minutes_per_stop"]), time(int(hour), int(minute)), own,
        )  # fmt: skip
    except (yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise TariffError(f"车辆价目无法使用 / the tariff cannot be used: {error}") from None
    if len({v.id for v in vehicles}) < len(vehicles):
        raise TariffError("车辆编号重复 / two vehicles of one id")
    missing = ({*MODES, "pickup"} - set(tariff.speed_kmh)) | (set(MODES) - set(tariff.feeder))
    if missing or min(tariff.speed_kmh.values()) <= 0 or tariff.road_factor < 1 or tariff.rail_factor < 1:
        raise TariffError("速度须大于零且齐全，绕行系数不小于一 / speeds above zero, factors at least one")
    return tariff


def _numbers(said: Mapping[str, Any]) -> dict[str, float]:
    return {key: float(value) for key, value in said.items()}


def _vehicle(entry: Mapping[str, Any]) -> Vehicle:
    vehicle = Vehicle(**entry)
    if vehicle.mode not in MODES or not 0 < vehicle.least <= vehicle.seats or vehicle.cost(1) <= 0:
        raise TariffError(
            f"{vehicle.id}：方式、座位、最低载客或价格不对 / mode, seats, least load or price is wrong"
        )
    return vehicle
