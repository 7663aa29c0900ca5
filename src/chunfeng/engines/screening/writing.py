"""The one way of writing in which texts are compared: half width, Chinese punctuation, no blanks."""

from __future__ import annotations

import polars as pl

_UNSEEN = r"[\x{00ad}\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}-\x{206f}\x{feff}\x{fe00}-\x{fe0f}]"
_SIGNS = {
    ",": "，", ";": "；", ":": "：", "!": "！", "?": "？", "(": "（", ")": "）", "[": "（", "]": "）", "【": "（", "】": "）",
    "—": "-", "–": "-", "―": "-", "~": "-", "～": "-", "〜": "-", "−": "-", "﹣": "-", "至": "-", "\\": "、", "|": "，",
    "“": "", "”": "", '"': "", "'": "", "‘": "", "’": "", "*": "", "《": "", "》": "", "｡": "。",
}  # fmt: skip


def normal(text: pl.Expr, blank: str = "") -> pl.Expr:
    """Half width, lower case, Chinese punctuation, line breaks as ；, blanks as `blank`.

    至 becomes a dash: it joins numbers far more often than it means anything else.
    """
    said = text.str.normalize("NFKC").str.replace_all(_UNSEEN, "").str.to_lowercase().str.strip_chars()
    said = said.str.replace_all(r"[\r\n]+", "；").str.replace_all(r"\s+", blank or "")
    return said.str.replace_many(list(_SIGNS), list(_SIGNS.values()))
