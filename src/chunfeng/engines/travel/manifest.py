"""One trip, one plan (一车一方案): the form that the lead carries, and the list of passengers to be signed for."""

from __future__ import annotations

import polars as pl

from chunfeng.engines.travel.aboard import stop_name
from chunfeng.engines.travel.parties import place_name
from chunfeng.engines.travel.vehicles import Tariff

FORM = {"item": "项目", "content": "内容"}
LIST = {
    "seat": "座位", "name": "姓名", "id_number": "证件号（掩码）", "phone": "联系电话", "pickup": "上车点", "time": "上车时间",
    "destination": "目的地", "employer": "返岗企业", "luggage": "行李", "need": "需要照顾的情况", "with": "同行登记人",
    "boarded": "上车核对（人证一致）", "arrived": "到达签收",
}  # fmt: skip
HANDOVER = {
    "step": "环节",
    "place": "地点",
    "planned": "计划时间",
    "actual": "实际时间",
    "count": "人数",
    "signed": "交接人签字",
}
HEADINGS = {**FORM, **LIST, **HANDOVER}
WIDTHS = {
    "item": 22, "content": 60, "name": 10, "id_number": 22, "phone": 14, "pickup": 26, "destination": 14, "employer": 26,
    "need": 18, "boarded": 20, "arrived": 14, "step": 24, "place": 26, "signed": 30, "luggage": 16, "time": 10, "seat": 6,
}  # fmt: skip
_TO_FILL = "（待填）"


def masked(id18: pl.Expr) -> pl.Expr:
    """3508**********123X: as on lists that leave the office."""
    return pl.when(id18.str.len_chars() == 18).then(
        pl.concat_str(id18.str.slice(0, 4), pl.lit("*" * 10), id18.str.slice(14, 4))
    )


def passengers(seats: pl.DataFrame, demand: pl.DataFrame, persons: pl.DataFrame, origin: str) -> pl.DataFrame:
    """The list of one trip: columns of LIST, by seat.

    `seats`: aboard.SEATS of the trip; `demand`: demand.TABLE with MORE; `persons`: person, name, id18, phone.
    """
    said = demand.with_row_index("line").select(
        "line", pl.col("name").alias("signed_name"), pl.col("phone").alias("signed_phone"),
        pl.coalesce("to", "destination").alias("destination"), "employer", "luggage", "need",
    )  # fmt: skip
    known = persons.select(
        "person", pl.col("name").alias("known"), "id18", pl.col("phone").alias("known_phone")
    )
    whole = seats.join(said, on="line", how="left", maintain_order="left").join(
        known, on="person", how="left", maintain_order="left"
    )
    stops = {code: stop_name(code, origin) for code in whole["stop"].unique().to_list()}
    traveller = pl.col("at") == 0
    return whole.select(
        "seat",
        pl.coalesce("known", "name", pl.lit("（同行人，未登记姓名）")).alias("name"),
        masked(pl.col("id18")).alias("id_number"),
        pl.coalesce(pl.when(traveller).then("signed_phone"), "known_phone").alias("phone"),
        pl.col("stop").replace_strict(stops, default=stop_name(None, origin), return_dtype=pl.String).alias("pickup"),
        "time", "destination", "employer",
        pl.when(traveller).then("luggage").alias("luggage"), pl.when(traveller).then("need").alias("need"),
        pl.when(~traveller).then("signed_name").alias("with"),
        pl.lit(None, dtype=pl.String).alias("boarded"), pl.lit(None, dtype=pl.String).alias("arrived"),
    ).sort("seat")  # fmt: skip


def form(trip: dict[str, object], listed: pl.DataFrame, tariff: Tariff) -> pl.DataFrame:
    """The head of the plan as item and content; what only people know is left to be filled in."""
    origin, to = str(trip["origin"]), _cities(trip)
    vehicle = tariff.vehicle(str(trip["vehicle"]))
    stops = listed.group_by("pickup", "time").len().sort("time", "pickup")
    way = "；".join(f"{time} {pickup}（{count}人）" for pickup, time, count in stops.iter_rows())
    source = "县里提供的价目" if tariff.own else "估算价目，以承运合同为准"
    firms = listed["employer"].drop_nulls().value_counts(sort=True).head(8)
    rows = [
        ("班次", str(trip["trip"])), ("出发日期", str(trip["day"])), ("车型", f"{vehicle.name}，核定 {vehicle.seats} 座"),
        ("乘客", f"{listed.height} 人（最低载客 {vehicle.least} 人，余座 {vehicle.seats - listed.height}）"),
        ("始发", f"{place_name(origin)}"), ("到达", to), ("上车安排", way),
        ("发车", f"{trip['leaves']}，全部乘客上车后"),
        ("里程与用时", f"约 {trip['km']:.0f} 公里，约 {trip['hours']} 小时（按直线距离乘系数估算，非导航里程）"),
        ("费用", f"{trip['cost']:.0f} 元（{source}）；出资：{_TO_FILL}；乘客免费，不再发放交通补贴"),
        ("主要企业", "；".join(f"{name}（{count}人）" for name, count in firms.iter_rows()) or _TO_FILL),
        ("领队（人社部门）", _TO_FILL), ("领队电话", _TO_FILL), ("医务联系人及电话", _TO_FILL),
        ("承运单位及经营许可证号", _TO_FILL), ("车牌号", _TO_FILL), ("驾驶员、准驾证号及电话（两名）", _TO_FILL),
        ("承运人责任险保单号", _TO_FILL), ("目的地对接单位及电话", _TO_FILL), ("企业接站人及电话", _TO_FILL),
        ("应急联系", "人社 12333；政务 12345；急救 120；报警 110"),
        ("个人信息告知", "名单仅用于本次出行，行程结束后按规定保存或销毁"),
    ]  # fmt: skip
    return pl.DataFrame(rows, schema={"item": pl.String, "content": pl.String}, orient="row")


def _cities(trip: dict[str, object]) -> str:
    return "、".join(place_name(zone) for zone in str(trip["zones"]).split(";"))


def handover(trip: dict[str, object], listed: pl.DataFrame) -> pl.DataFrame:
    """Every leg to be signed for: organised departure, each pick-up, the journey, arrival at the firm."""
    stops = listed.group_by("pickup", "time").len().sort("time", "pickup")
    rows: list[tuple[str, str, str | None]] = [("车辆、驾驶员检查", place_name(str(trip["origin"])), None)]
    rows += [("上车核对", pickup, time) for pickup, time, _ in stops.iter_rows()]
    rows += [("发车", place_name(str(trip["origin"])), str(trip["leaves"])), ("途中（延误、身体不适、事故）", "", None),
             ("到达，与企业交接", _cities(trip), None), ("未到人员去向", "", None)]  # fmt: skip
    return pl.DataFrame(
        [(*row, None, None, None) for row in rows], schema=dict.fromkeys(HANDOVER, pl.String), orient="row"
    )


def sheets(
    trip: dict[str, object], seats: pl.DataFrame, demand: pl.DataFrame, persons: pl.DataFrame, tariff: Tariff
) -> list[tuple[str, pl.DataFrame]]:
    """The sheets of one trip's workbook: plan, passengers, hand-over."""
    listed = passengers(seats, demand, persons, str(trip["origin"]))
    return [
        ("一车一方案", form(trip, listed, tariff)),
        ("乘客名单", listed),
        ("交接记录", handover(trip, listed)),
    ]
