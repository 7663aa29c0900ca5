#!/usr/bin/env python3
"""Rebuild `engines/identity/data/simplified.txt`: forms of Han characters → the form used on a citizen's
card.

Needs OpenCC (Apache-2.0; 1.4.2 was used) in the Python that runs this:

    python -m venv VENV && VENV/bin/pip install opencc
    VENV/bin/python tools/reference/han_forms.py src/chunfeng/engines/identity/data

Three sources, in this order:

1. OpenCC's table t2s, character by character. A character of GB 2312 is kept: it is a standard form there
   (乾, 徵, 於 are letters of names beside 干, 征, 于).
2. Characters which 通用规范汉字表 (国发〔2013〕23号) restored for names stay, or become the form it gives
   them.
3. The 80 code points that GBK and GB 18030-2000 fonts kept in the private use area (U+E815…U+E864), by the
   byte order of the standard: position k of FE50…FEA0 was U+E815+k. Old household registers still send 䶮
   as U+E863.
"""

from __future__ import annotations

import sys
from pathlib import Path

# 通用规范汉字表: 昇 陞 祕 可用于姓氏人名; 鉅 simplified as 钜 there
RESTORED = {"昇": "昇", "陞": "陞", "祕": "祕", "鉅": "钜"}

# Old and Japanese glyphs that OpenCC leaves; CJK radicals that text copied from PDF files holds in place of
# letters
OTHER_FORMS = dict(
    pair
    for pair in (
        "淸清 衞卫 煕熙 寳宝 濶阔 黒黑 沢泽 徳德 歩步 桜樱 恵惠 豊丰 辺边 渓溪 広广 瀧泷 栄荣 亜亚 満满 "
        "経经 総总 緑绿 関关 頼赖 巌岩 塩盐 歓欢 顕显 壱壹 舗铺 晩晚 戸户 呉吴 "
        "⺟母 ⺠民 ⻁虎 ⻄西 ⻅见 ⻆角 ⻉贝 ⻋车 ⻓长 ⻔门 ⻘青 ⻙韦 ⻚页 ⻛风 ⻜飞 ⻝食 ⻢马 ⻣骨 ⻤鬼 ⻥鱼 "
        "⻦鸟 ⻧卤 ⻨麦 ⻩黄 ⻬齐 ⻮齿 ⻰龙 ⻳龟"
    ).split()
)

# Targets Python's codec does not give (it keeps the letters' private code points)
PRIVATE = {
    0xE816: 0x20087,
    0xE817: 0x20089,
    0xE818: 0x200CC,
    0xE81E: 0x9FB4,
    0xE826: 0x9FB5,
    0xE82B: 0x9FB6,
    0xE82C: 0x9FB7,
    0xE831: 0x215D7,
    0xE832: 0x9FB8,
    0xE83B: 0x2298F,
    0xE843: 0x9FB9,
    0xE854: 0x9FBA,
    0xE855: 0x241FE,
    0xE864: 0x9FBB,
}


def _in_gb2312(char: str) -> bool:
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def private_use() -> dict[str, str]:
    """U+E815…U+E864 → the letters of GB 18030-2022."""
    trail = [byte for byte in range(0x50, 0xA1) if byte != 0x7F]
    table = {}
    for place, byte in enumerate(trail):
        code = 0xE815 + place
        target = chr(PRIVATE[code]) if code in PRIVATE else bytes([0xFE, byte]).decode("gb18030")
        table[chr(code)] = target
    return table


def main(target: Path) -> None:
    from importlib.metadata import version

    import opencc

    convert = opencc.OpenCC("t2s").convert
    table: dict[str, str] = {}
    for code in (*range(0x3400, 0xA000), *range(0x20000, 0x32000)):
        char = chr(code)
        simple = convert(char)
        if simple != char and len(simple) == 1 and not _in_gb2312(char):
            table[char] = simple
    table |= OTHER_FORMS | RESTORED | private_use()
    for char, simple in table.items():
        while simple in table and table[simple] != simple:
            simple = table[simple]
        table[char] = simple
    table = {char: simple for char, simple in sorted(table.items()) if char != simple}
    lines = [
        f"# {len(table)} forms of Han characters, each followed by the form used on citizens' cards.",
        f"# Source: OpenCC {version('opencc')} t2s (Apache-2.0), 通用规范汉字表 (国发〔2013〕23号), "
        "GB 18030-2022.",
        "# Rebuilt by tools/reference/han_forms.py; do not edit.",
    ]
    pairs = [char + simple for char, simple in table.items()]
    lines += [" ".join(pairs[at : at + 30]) for at in range(0, len(pairs), 30)]
    (target / "simplified.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(table)} forms")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
