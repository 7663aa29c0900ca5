"""What codes of this room are called on the screen."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chunfeng.apps.intake import brakes
from chunfeng.engines.sheets.issues import catalogue
from chunfeng.ui.language import english as in_english

ACTIONS = {
    "receive": gettext_lazy("报送名单"),
    "read": gettext_lazy("读取文件"),
    "settle": gettext_lazy("确认表类和列"),
    "set_aside": gettext_lazy("标为说明页"),
    "edit_cell": gettext_lazy("修改单元格"),
    "accept": gettext_lazy("接收名单"),
    "hold": gettext_lazy("暂停接收"),
    "reject": gettext_lazy("退回名单"),
    "undo": gettext_lazy("撤回名单"),
    "reopen": gettext_lazy("重新打开名单"),
    "ask": gettext_lazy("发起比对"),
    "load": gettext_lazy("写入登记库"),
    "download": gettext_lazy("下载文件"),
}

KINDS = {
    "delivery": gettext_lazy("报送"),
    "extract": gettext_lazy("名单"),
    "file": gettext_lazy("文件"),
    "run": gettext_lazy("比对运行"),
}

SEVERITIES = {0: gettext_lazy("须改正"), 1: gettext_lazy("请核对"), 2: gettext_lazy("知悉")}
LEVELS = {0: "error", 1: "warning", 2: "info"}
"""Rank of a problem → level of its badge."""

_REFUSALS = {
    "PICTURE_DAMAGED": gettext_lazy("照片已损坏，或不是常见的图片格式。请重新拍照或另存为 JPG 后再报送。")
}

_BRAKES = {
    brakes.MANY_NEW: gettext_lazy("%(of)s 个证号中有 %(n)s 个登记库里没有：新增的人异常多。"),
    brakes.MANY_REPEATED: gettext_lazy("%(of)s 行中有 %(n)s 行与前面重复。"),
    brakes.ELSEWHERE: gettext_lazy("%(of)s 行中有 %(n)s 行的地区不在本县：可能是别的县的名单。"),
    brakes.FAR_FEWER: gettext_lazy("只有 %(n)s 行，上一版有 %(of)s 行：可能不完整。"),
    brakes.FAR_MORE: gettext_lazy("有 %(n)s 行，上一版只有 %(of)s 行。"),
    brakes.LITTLE_IN_COMMON: gettext_lazy("与要替换的上一版只有 %(n)s 人相同（共 %(of)s 人）：可能不是同一份名单的新版。"),
    brakes.OTHER_EMPLOYERS: gettext_lazy(
        "%(n)s 家单位没有一家在要替换的上一版里（上一版 %(of)s 家）：可能是另一份名单。"
        "接收后上一版不再参加比对；两份都要的，请选「不替换，另加一份」。"
    ),
    brakes.PARTS_MISSING: gettext_lazy(
        "要替换的上一版共 %(of)s 份，其中 %(n)s 份里的人或单位这次一个也没有：可能只报了一部分。"
        "接收后那几份不再参加比对；请让报送单位补齐，或选「不替换，另加一份」后撤回旧的一份。"
    ),
    brakes.OLDER: gettext_lazy("数据截至 %(n)s，比要替换的上一版（截至 %(of)s）还旧：接收后旧数据会顶替新数据。"),
}  # fmt: skip

ROW_KINDS = {
    "data": gettext_lazy("记录"),
    "title": gettext_lazy("标题"),
    "form": gettext_lazy("表单行"),
    "header": gettext_lazy("表头"),
    "blank": gettext_lazy("空行"),
    "total": gettext_lazy("合计"),
    "footer": gettext_lazy("表尾"),
    "section": gettext_lazy("分段"),
    "repeated_header": gettext_lazy("重复表头"),
    "guide": gettext_lazy("填表说明"),
    "example": gettext_lazy("示例"),
    "unread": gettext_lazy("未作名单读取"),
}


def brake_text(reason: dict[str, Any]) -> str:
    """A reason of the brake as a sentence."""
    return str(_BRAKES[reason["code"]]) % reason


def issue_text(code: str) -> str:
    """What a problem's code means and what to do; Chinese, or English where that is the language."""
    if code in _REFUSALS:
        return str(_REFUSALS[code])
    known = catalogue().get(code)
    if known is None:
        return code
    return known.english if in_english() else known.message


def why_text(column: dict[str, Any]) -> str:
    """How a column came to its field."""
    texts = {
        "header": _("按表头"),
        "content": _("按内容"),
        "saved": _("人工确认"),
        "uncertain": _("把握不足"),
        "duplicate": _("表头重名"),
        "ticks": _("勾选列，与同题的前一列合读"),
    }
    return texts.get(column["why"], _("不属于本表类"))
