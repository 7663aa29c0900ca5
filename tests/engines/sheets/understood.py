"""How well a reading agrees with what a clerk knows of a sheet: kind, rows, columns, values.

`MEANT` translates the neutral names of the other counties' files into our fields, by kind where it matters.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from chunfeng.engines.sheets import extract
from chunfeng.engines.sheets.container import Source, expand
from chunfeng.engines.sheets.extract import Request, SheetReading
from chunfeng.engines.sheets.issues import IssueLog
from chunfeng.engines.sheets.kinds import load_kinds
from chunfeng.engines.sheets.limits import DEFAULT
from tests.fixtures.other_counties import Expected

KIND_CODES = {
    "登记失业人员": "unemployment_register", "低保对象": "minimum_living_allowance", "持证残疾人": "disability_certificates",
    "脱贫人口": "poverty_exit", "参保缴费": "insurance_contributions", "人口流动": "population_flow", "走访摸排": "village_survey",
    "用工需求": "vacancies", "缺工余工": "labour_shortage", "重点企业": "key_employers", "欠薪失信": "wage_arrears_blacklist",
    "返岗出行": "travel_demand", "招聘会报名": "fair_signups", "公益性岗位": "public_welfare_posts", "来电求助": "help_requests",
    "户籍人口": "household_register", "计生家庭": "family_planning_households", "被征地农民": "land_expropriation",
    "养老待遇": "pension_benefits", "服刑人员": "prisoners", "经营主体": "business_entities",
    "零就业家庭": "zero_employment_households", "实名制登记": "real_name_register", "流动人口登记": "migrant_residents",
    "高校毕业生": "graduates",
}  # fmt: skip

MEANT: dict[str, tuple[str, ...]] = {
    meaning: tuple(fields.split())
    for meaning, fields in (
        line.strip().split("=", 1)
        for line in """
本人姓名=name
本人身份证号=id_number
性别=sex
出生日期=birth_date
年龄=age
民族=ethnicity
文化程度=education
联系电话=phone
户口性质=hukou_kind
户籍地址=hukou_address home_address
居住地址=home_address hukou_address
乡镇=town
村居=village
备注=remark cancellation_reason
户主姓名=household_head_name
户主身份证号=household_head_id
与户主关系=relation_to_head
户编号=household_number
人编号=person_number
健康状况=health
婚姻状况=marital_status
失业登记编号=registration_number
失业登记申请日期=unemployment_applied_on
失业登记日期=unemployment_approved_at unemployment_registered_on
失业原因=unemployment_reason
原工作单位=previous_employer
注销日期=unemployment_cancelled_on
注销原因=cancellation_reason
退休类别=retirement_category
保障类别=allowance_kind
保障人口=covered_persons
月保障金=monthly_allowance
起保年月=allowance_from
停保年月=allowance_to
残疾人证号=certificate_number
残疾类别=disability_kind
残疾等级=disability_grade
发证日期=issued_on
有效期至=valid_until
证件状态=certificate_state
监护人姓名=guardian
监护人电话=guardian_phone phone
户类型=poverty_household_kind
致贫原因=poverty_cause
脱贫年度=poverty_exit_year
风险是否消除=risk_removed
在校生状况=student_state
劳动技能=labour_capacity
务工所在地=work_place
务工时间=work_months
是否低保=receives_allowance
费款所属期=contribution_month
单位名称=employer_name
统一社会信用代码=credit_code
参保身份=insured_as
养老缴费=pension
失业缴费=unemployment_insurance
医疗缴费=medical
工伤缴费=work_injury
缴费基数=contribution_base
到账标志=paid_state
统计月=flow_month
用户标识=person_token
常住区县=home_county
工作地区县=work_county
漫入天数=days_present
就业状况=present_state employment_state
务工地点=work_place
就业意向=intention
技能=skill
培训意愿=training_wish
服务需求=service_need
困难类型=hardship
走访人=visitor
走访日期=visited_on
行业=industry
岗位名称=post_name
招聘人数=headcount
工作内容=work_content
用工形式=employment_form
劳动条件=work_conditions
工作地点=work_place
月工资=pay
最低月工资=pay_min
最高月工资=pay_max
任职要求=requirements
福利待遇=welfare
联系人=contact_name
填报日期=posted_on
岗位有效期至=valid_until
统计周=week
在岗人数=staff
缺工人数=shortage
缺工工种=shortage_occupation
富余人数=surplus
可调剂起=surplus_from
可调剂止=surplus_to
愿意共享用工=willing_to_share
产业链=industry_chain
企业类别=key_category
职工人数=staff
春节连续生产=produces_over_festival
服务专员姓名=service_officer
服务专员电话=officer_phone phone
列入日期=listed_on
列入事由=listed_for
上车点=pickup_point
目的地=destination
返岗企业=employer_name
出发时间=departure_wish
同行人数=party_size
同行人员=companions
行李=luggage
愿意集中乘车=accepts_charter
岗位数=posts
需求人数=headcount
参会人姓名=name
参会人身份证号=id_number
营业执照=has_licence
授权委托书=has_authorisation
招聘简章=has_prospectus
展位=booth
人员类别=holder_category
用人单位=employer_name
上岗日期=started_on
合同到期日=contract_until
岗位补贴=post_subsidy monthly_wage
社保补贴=insurance_subsidy insurance_subsidy_amount
在岗状态=post_state
工单号=ticket_number
来电时间=called_at
来电号码=phone
来电人=name
诉求内容=request
受理员=clerk
紧急程度=urgency
办结时限=due_on
户口类别=hukou_kind
村居代码=village_code
户籍状态=hukou_state
变动日期=hukou_changed_on
迁往地=moved_to
计生户类型=family_kind
计生证件日期=issued_on
计生注销日期=cancelled_on
配偶姓名=spouse_name
配偶身份证号=spouse_id
征地批复日期=expropriated_on
是否规划区=in_planning_area
征地时承包权=had_contract_right
征地前人均耕地=land_before
剩余人均耕地=land_left
县人均耕地=county_average_land
待遇类别=pension_kind
首次领取年月=first_paid_month
发放状态=payment_state
刑期起=sentence_from
刑期止=sentence_to
经营主体名称=employer_name
经营者姓名=name
经营者身份证号=id_number
成立日期=founded_on
经营状态=entity_state
家庭人口=household_size
目前状况=present_state
实名登记日期=real_name_on
求职登记日期=job_seeking_from
求职注销日期=job_seeking_to
转移就业意愿=transfer_wish
意向地=wished_place
从业单位=employer_name
来本地日期=arrived_on
春节去向=festival_plan
毕业院校=school
专业=major
学历=education
毕业时间=graduated_in
是否已就业=employed
生源地=origin
""".strip().splitlines()
    )
}


MONTHS = (
    "allowance_from",
    "allowance_to",
    "contribution_month",
    "flow_month",
    "first_paid_month",
    "graduated_in",
)


@dataclass(slots=True)
class Verdict:
    """The disagreements on one sheet, as readable lines; `columns`, `values`: (agreed, in all)."""

    said: Expected
    kind: str = ""
    wrong: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    columns: tuple[int, int] = (0, 0)
    values: tuple[int, int] = (0, 0)


def read_all(
    folder: Path, name: str, as_of: date, region: str | None = None
) -> tuple[list[tuple[SheetReading, pl.DataFrame]], pl.DataFrame]:
    """Every sheet of one file with its records, and the issues."""
    request = Request(load_kinds(), as_of, region)
    found: list[tuple[SheetReading, pl.DataFrame]] = []
    issues: list[pl.DataFrame] = []
    with TemporaryDirectory() as room:
        for source in expand(folder / name, name, DEFAULT, Path(room)):
            log = IssueLog(source.name)
            assert isinstance(source, Source), source
            readings = []
            for reading in extract.read(source, request, log):
                batches = list(reading.batches())
                frame = pl.concat(batches) if batches else pl.DataFrame()
                readings.append((reading, frame))
            extract.mark_earlier_periods([r for r, _ in readings], log)
            found += [
                (r, f.with_columns(pl.lit(r.current).alias("current")) if f.height else f)
                for r, f in readings
            ]
            issues.append(log.table())
    return found, pl.concat(issues)


def judge(said: Expected, reading: SheetReading, frame: pl.DataFrame) -> Verdict:
    """Compare one sheet's reading with what is said of it."""
    verdict = Verdict(said, reading.kind if reading.role == "records" else reading.role)
    where = f"{said.path} {said.member} {said.sheet}".strip()
    if said.role in ("说明", "汇总", "代码表"):
        if reading.records:
            verdict.wrong.append(f"{where}: {said.role} read as {reading.records} records of {reading.kind}")
        return verdict
    expected_kind = KIND_CODES.get(said.kind)
    if expected_kind is None:
        if reading.role == "records" and reading.kind not in ("person_list", "unemployment_benefits"):
            verdict.wrong.append(f"{where}: unknown list read as {reading.kind}")
        return verdict
    if reading.kind != expected_kind or reading.role != "records":
        verdict.wrong.append(
            f"{where}: kind {verdict.kind}, should be {expected_kind}; {reading.plan.candidates}"
        )
        return verdict
    header = reading.plan.header
    if header is None or (header.first, header.last) != (min(said.header_rows), max(said.header_rows)):
        verdict.wrong.append(
            f"{where}: header {header and (header.first, header.last)}, should be {said.header_rows}"
        )
    rows = set(frame["row"].to_list()) if frame.height else set()
    if extra := rows - set(said.data_rows):
        verdict.wrong.append(f"{where}: rows taken for data: {sorted(extra)[:8]}")
    if lost := set(said.data_rows) - rows:
        verdict.wrong.append(f"{where}: rows lost: {sorted(lost)[:8]}")
    _columns(verdict, where, reading)
    _values(verdict, where, reading, frame)
    if said.role == "往期" and reading.current:
        verdict.missed.append(f"{where}: sheet of an earlier month not noticed")
    return verdict


def _columns(verdict: Verdict, where: str, reading: SheetReading) -> None:
    agreed = total = 0
    by_index = {c.index + 1: c for c in reading.plan.columns}
    known = {f.name for f in reading.plan.kind.fields} if reading.plan.kind else set()
    for column in verdict.said.columns:
        wanted = [f for f in MEANT[column.meaning] if f in known]
        got = by_index[column.number].field if column.number in by_index else None
        total += 1
        if got in MEANT[column.meaning]:
            agreed += 1
        elif got is None and wanted:
            verdict.missed.append(
                f"{where}: «{column.group}/{column.header}» ({column.meaning}) not taken, {by_index[column.number]}"
            )
        elif got is None:
            verdict.missed.append(
                f"{where}: «{column.header}»: {reading.kind} has no field for {column.meaning}"
            )
        elif column.sure:
            verdict.wrong.append(
                f"{where}: «{column.group}/{column.header}» ({column.meaning}) taken for {got}"
            )
    said_columns = {c.number for c in verdict.said.columns}
    for c in reading.plan.columns:
        if c.field and c.index + 1 not in said_columns and c.field not in ("serial", "remark"):
            verdict.missed.append(f"{where}: «{c.header}» means nothing, taken for {c.field}")
    verdict.columns = (agreed, total)


def _values(verdict: Verdict, where: str, reading: SheetReading, frame: pl.DataFrame) -> None:
    agreed = total = 0
    by_row = {r["row"]: r for r in frame.iter_rows(named=True)} if frame.height else {}
    for truth in verdict.said.truths:
        record = by_row.get(truth.row)
        names = [f for f in MEANT[truth.meaning] if f in frame.columns]
        if record is None or not names:
            continue
        total += 1
        got = [as_meant(record, name) for name in names]
        wanted = truth.value[:7] if names[0] in MONTHS else truth.value
        if names[0] == "departure_wish":
            wanted = str(truth.raw or "")
        if wanted in got:
            agreed += 1
        else:
            line = (
                f"{where} row {truth.row} {truth.meaning}: {truth.raw!r} read as {got}, means {truth.value!r}"
            )
            (verdict.wrong if any(g for g in got) else verdict.missed).append(line)
    verdict.values = (agreed, total)


def as_meant(record: dict[str, Any], name: str) -> str:
    """A typed value in the form the truth is written in; '' for unknown."""
    value = record[name]
    if f"{name}_2" in record:
        phones = [value, record[f"{name}_2"]]
        return ";".join(p for p in phones if p) or (record.get(f"{name}_landline") or "")
    if f"{name}_year" in record and value is None and record[f"{name}_year"]:
        month = record[f"{name}_month"]
        return f"{record[f'{name}_year']}" + (f"-{month:02d}" if month else "")
    if isinstance(value, date):
        return f"{value:%Y-%m}" if name in MONTHS else value.isoformat()
    return "" if value is None else str(value)


def evaluate(
    folder: Path, expected: Sequence[Expected], as_of: date, region: str | None = None
) -> list[Verdict]:
    """All sheets of all files."""
    verdicts: list[Verdict] = []
    for path in dict.fromkeys(e.path for e in expected):
        found, _ = read_all(folder, path, as_of, region)
        by_place = {(r.file.removeprefix(path).lstrip("/"), r.sheet): (r, f) for r, f in found}
        for said in (e for e in expected if e.path == path):
            pair = by_place.get((said.member, said.sheet)) or by_place.get((said.member, ""))
            if pair is None:
                verdicts.append(
                    Verdict(said, "missing", [f"{path} {said.sheet}: not read; {list(by_place)}"])
                )
            else:
                verdicts.append(judge(said, *pair))
    return verdicts


def report(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Sums over all sheets."""
    return {
        "sheets": len(verdicts),
        "wrong": sum(len(v.wrong) for v in verdicts),
        "missed": sum(len(v.missed) for v in verdicts),
        "columns": [sum(v.columns[i] for v in verdicts) for i in (0, 1)],
        "values": [sum(v.values[i] for v in verdicts) for i in (0, 1)],
    }


if __name__ == "__main__":
    from tests.fixtures.other_counties import build

    with TemporaryDirectory() as home:
        all_verdicts = evaluate(Path(home), build(Path(home)), date(2023, 1, 15))
    for one in all_verdicts:
        print("\n".join([f"WRONG {x}" for x in one.wrong] + [f"miss  {x}" for x in one.missed]))
    print(json.dumps(report(all_verdicts)))
