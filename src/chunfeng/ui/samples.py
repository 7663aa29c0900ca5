"""Invented content for the style page: what each component looks like with the words of a county's desk."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from chunfeng.reference import regions
from chunfeng.ui.charts import Chart, MapFigure, MapRegion

REASONS = [("contact", "电话联系本人"), ("verify", "核对身份"), ("case", "办理认定")]


class VisitForm(forms.Form):
    """A form with one field of every sort."""

    name = forms.CharField(label="姓名", max_length=40)
    phone = forms.CharField(label="联系电话", help_text="手机或座机，座机请加区号")
    visited_on = forms.DateField(label="走访日期", widget=forms.DateInput(attrs={"type": "date"}))
    town = forms.ChoiceField(
        label="乡镇", choices=[("", "请选择"), ("350825100", "莲峰镇"), ("350825101", "姑田镇")]
    )
    wish = forms.ChoiceField(
        label="就业意向",
        widget=forms.RadioSelect,
        choices=[("local", "县内就业"), ("away", "外出就业"), ("none", "暂无意愿")],
    )
    needs = forms.MultipleChoiceField(
        label="服务需求",
        widget=forms.CheckboxSelectMultiple,
        required=False,
        choices=[("job", "岗位推荐"), ("course", "技能培训"), ("loan", "创业贷款"), ("ride", "返岗专车")],
    )
    note = forms.CharField(label="备注", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    agreed = forms.BooleanField(label="本人同意把信息用于推荐岗位")


def _navigation() -> list[dict[str, Any]]:
    here = reverse("style")
    return [
        {
            "label": "",
            "items": [
                {
                    "label": "今日待办",
                    "url": here,
                    "icon": "check",
                    "current": True,
                    "count": 12,
                    "tab": True,
                },
                {"label": "活动概况", "url": "#overview", "icon": "chart", "tab": True},
            ],
        },
        {
            "label": "底数",
            "items": [
                {"label": "报送与核对", "url": "#files", "icon": "upload", "tab": True},
                {"label": "找人", "url": "#people", "icon": "search", "tab": True},
                {"label": "疑似同一人", "url": "#pairs", "icon": "pair", "count": 37},
            ],
        },
        {
            "label": "管理",
            "items": [
                {"label": "活动设置", "url": "#campaign", "icon": "flag"},
                {"label": "用户与身份", "url": "#users", "icon": "people"},
                {"label": "审计", "url": "#audit", "icon": "history"},
            ],
        },
    ]


_TREE = [
    {
        "text": "B1 独生子女户或二女户劳动者",
        "answer": "unknown",
        "open": True,
        "source": "闽政〔2008〕18号 第五条 · 版本 2019-12",
        "children": [
            {"text": "劳动年龄内：女，37 岁", "answer": "yes", "source": "公安户籍 第 214 行，2023-01-03"},
            {
                "text": "有转移就业愿望",
                "answer": "yes",
                "children": [
                    {
                        "text": "走访记录：想在县内找缝纫工",
                        "answer": "yes",
                        "source": "姑田镇走访表 第 37 行，2023-01-12",
                    },
                    {"text": "没有正在就业的记录", "answer": "yes", "note": "推定：各部门名单都没有相反记载"},
                ],
            },
            {
                "text": "农村独生子女户或二女户",
                "answer": "unknown",
                "open": True,
                "note": "缺卫健部门名单",
                "children": [
                    {
                        "text": "卫健：独生子女父母光荣证",
                        "answer": "unknown",
                        "note": "名单未报送，截止 1 月 20 日",
                    },
                    {"text": "户内子女：女孩 2 人", "answer": "yes", "source": "公安户籍 户号 350825****"},
                ],
            },
        ],
    }
]

_PEOPLE = [
    ("张秀英", "350825********0042", "连城县姑田镇", "unknown", 82, "2023-01-12"),
    ("李建国", "350825********1217", "连城县莲峰镇", "yes", 74, "2023-01-11"),
    ("罗永福", "350825********4316", "连城县朋口镇", "no", None, "2023-01-10"),
    ("欧阳·买买提江", "350825********2628", "连城县新泉镇", "yes", 61, "2023-01-09"),
]


def _charts() -> dict[str, Any]:
    counties = [
        region for region in regions.fujian() if region.level == "county" and not region.no_data_entry
    ]
    figures = [
        MapRegion(r.code, r.name, None if i % 17 == 3 else (i * 7919) % 6200 + 40, f"#region-{r.code}")
        for i, r in enumerate(counties)
    ]
    days = [f"1月{day}日" for day in range(3, 15)]
    return {
        "funnel": Chart(
            "rows",
            ("环节", "人数"),
            (
                ("农村劳动力", 152_310),
                ("已走访", 98_124),
                ("有就业意愿", 31_460),
                ("已推荐岗位", 12_908),
                ("已上岗", 4_377),
            ),
            unit="人",
        ),
        "weeks": Chart(
            "line",
            ("日期", "走访", "推荐"),
            [(d, 820 + 90 * i % 370, None if i == 4 else 300 + 41 * i) for i, d in enumerate(days)],
            "人次",
        ),
        "wishes": Chart(
            "pie",
            ("就业意向", "人数"),
            (("县内就业", 14_820), ("外出就业", 11_240), ("灵活就业", 3_900), ("未说明", 1_500)),
            "人",
        ),
        "towns": Chart(
            "bar",
            ("乡镇", "已报送", "逾期"),
            (("莲峰镇", 14, 1), ("姑田镇", 11, 3), ("朋口镇", 12, 0), ("新泉镇", 9, 4), ("庙前镇", 13, 0)),
            "份",
            stacked=True,
        ),
        "wages": Chart(
            "scatter",
            ("企业", "月薪（元）", "缺工（人）"),
            [(f"企业{i}", 3200 + 317 * i % 3100, 5 + 37 * i % 90) for i in range(24)],
        ),
        "flow": Chart(
            "sankey",
            ("来自", "去往", "人数"),
            (
                ("在县内", "仍在县内", 51_200),
                ("在县内", "去省内", 9_340),
                ("在省内", "回县内", 6_210),
                ("在省外", "回县内", 12_760),
                ("在省外", "仍在省外", 30_450),
            ),
            "人",
        ),
        "counties": MapFigure("county", "已帮扶人数", figures, "人"),
        "longyan": MapFigure(
            "county", "已帮扶人数", [f for f in figures if f.code.startswith("3508")], "人", within="3508"
        ),
    }


def _tables(request: HttpRequest) -> dict[str, Any]:
    sort = request.GET.get("sort", "-visited")
    return {
        "people": [
            dict(zip(("name", "masked", "place", "answer", "score", "visited"), row, strict=True))
            for row in _PEOPLE
        ],
        "sort": sort,
        "tabs": [
            {"label": "全部", "url": "?", "current": True, "count": "1000+"},
            {"label": "待核对", "url": "?tab=open", "count": 37},
            {"label": "已处理", "url": "?tab=done", "count": 0},
        ],
        "chosen": [{"label": "乡镇：姑田镇", "url": "?"}, {"label": "结论：待查", "url": "?"}],
        "keys": [("j", "下一对"), ("k", "上一对"), ("y", "同一人"), ("n", "不是同一人")],
        "crumbs": [("#", "底数"), ("#", "找人")],
        "steps": ["上传", "认列", "核对", "接收"],
        "reasons": REASONS,
    }


def page(request: HttpRequest) -> dict[str, Any]:
    """The context of the style page."""
    empty = VisitForm()
    sent = {"name": "", "phone": "1380", "town": "350825100"}
    wrong = VisitForm({f"wrong-{name}": value for name, value in sent.items()}, prefix="wrong")
    wrong.add_error(None, "这户本周已经走访过一次，请在原记录上修改。")
    wrong.add_error("phone", "手机号应为 11 位数字，现在只有 4 位。")
    navigation = {} if request.user.is_authenticated else {"navigation": _navigation()}
    return {
        "form": empty,
        "wrong": wrong,
        "tree": _TREE,
        "people_masked": "350825********0042",
        **_charts(),
        **_tables(request),
        **progress(1),
        **navigation,
    }


def progress(step: int) -> dict[str, Any]:
    """A bar a fifth further each time it is asked."""
    step = min(max(step, 1), 5)
    return {
        "step": step,
        "next_url": reverse("style-progress", args=(min(step + 1, 5),)),
        "value": step * 20_000,
        "total": 100_000,
        "done": step == 5,
        "told": _("全部读完") if step == 5 else _("已读 {count} 行").format(count=step * 20_000),
    }


def revealed(reason: str) -> dict[str, Any]:
    """What stands in the place of a masked value afterwards."""
    return {"value": "350825200001010042", "reason": dict(REASONS).get(reason, "")}
