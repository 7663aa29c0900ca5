"""The platform speaks English wherever it speaks Chinese: one catalogue, complete, exact, compiled."""

from __future__ import annotations

import ast
import gettext
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools import messages

needs_gettext = pytest.mark.skipif(
    shutil.which("msgmerge") is None, reason="no gettext: ./chunfeng doctor names the line that installs it"
)
HAN = re.compile("[\u3400-\u9fff]")
CHINESE = re.compile("[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")  # with its punctuation
MEANT = (
    "姑田镇 民政 户口簿原件 本人身份证 陈志明 公安-户籍人口 2023年春风行动暨就业援助月专场招聘 闽人社文〔2023〕2号"
).split()
"""Chinese that English texts show on purpose: what is typed or read as it stands."""
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|\{\w*\}|<[^>]+>")

Entry = tuple[str, str, tuple[str, ...], str]
"""Context, text, its English (two where it counts), flags."""


def entries(catalogue: str) -> list[Entry]:
    """Every text of a catalogue but its head."""
    found = []
    for block in re.split(r"\n\s*\n", catalogue.strip()):
        fields: dict[str, str] = {}
        name = ""
        for line in block.splitlines():
            if word := re.match(r'(msg\w+(?:\[\d\])?) (".*")$', line):
                name = word[1]
                fields[name] = ast.literal_eval(word[2])
            elif line.startswith('"'):
                fields[name] += ast.literal_eval(line)
        if fields.get("msgid"):
            english = tuple(text for key, text in fields.items() if key.startswith("msgstr"))
            flags = " ".join(line for line in block.splitlines() if line.startswith("#,"))
            found.append((fields.get("msgctxt", ""), fields["msgid"], english, flags))
    return found


@pytest.fixture(scope="module")
def catalogue() -> str:
    return messages.CATALOGUE.read_text(encoding="utf-8")


@needs_gettext
def test_the_catalogue_holds_just_the_texts_in_use(catalogue: str, tmp_path: Path) -> None:
    used = entries(messages.extract(tmp_path).read_text(encoding="utf-8"))
    known = {entry[:2] for entry in entries(catalogue)}
    assert len(used) > 1000
    what = "./chunfeng python tools/messages.py --missing"
    assert sorted({entry[:2] for entry in used} - known) == [], f"new texts: {what}"
    assert sorted(known - {entry[:2] for entry in used}) == [], f"texts used no longer: {what}"


def test_every_text_has_english(catalogue: str) -> None:
    assert "\n#~" not in catalogue
    assert [text for _context, text, english, _flags in entries(catalogue) if not all(english)] == []
    assert [text for _context, text, _english, flags in entries(catalogue) if "fuzzy" in flags] == []


def test_placeholders_are_those_of_the_chinese(catalogue: str) -> None:
    for _context, text, english, _flags in entries(catalogue):
        for each in english:
            assert sorted(PLACEHOLDER.findall(each)) == sorted(PLACEHOLDER.findall(text)), text


def test_english_is_english(catalogue: str) -> None:
    for _context, text, english, _flags in entries(catalogue):
        for each in english:
            for word in MEANT:
                each = each.replace(word, "")
            assert not CHINESE.search(each), text


def test_the_compiled_catalogue_says_the_same(catalogue: str) -> None:
    with messages.CATALOGUE.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for context, text, english, _flags in entries(catalogue):
        if len(english) == 2:
            assert (compiled.ngettext(text, text, 1), compiled.ngettext(text, text, 2)) == english
        else:
            told = compiled.pgettext(context, text) if context else compiled.gettext(text)
            assert told == english[0], text
    texts = {key for key in compiled._catalog if key}  # type: ignore[attr-defined]
    assert len(texts) == sum(len(english) for _context, _text, english, _flags in entries(catalogue))


def untold(template: str) -> Iterator[str]:
    """Chinese of a template that is said past the catalogue."""
    from django.template.base import Lexer, TokenType

    inside = ""
    for token in Lexer(template).tokenize():
        word = token.contents.split()[0] if token.token_type == TokenType.BLOCK and token.contents else ""
        if word in ("blocktranslate", "comment"):
            inside = word
        elif word == f"end{inside}":
            inside = ""
        if inside or word == "translate" or token.token_type == TokenType.COMMENT:
            continue
        text = re.sub(r"(?s)<!--.*?-->", "", token.contents)
        text = re.sub(r"""_\((["']).*?\1\)""", "", text)
        if CHINESE.search(text):
            yield text.strip()


TEMPLATES = [
    path
    for room in ("ui", "apps")
    for path in sorted((messages.SOURCE / room).rglob("templates/**/*.html"))
    if not path.name.startswith("style")  # samples of every component, invented
]
OWN_NAMES = {"简体中文</button>"}
"""The language by its own name, for who cannot read the other one."""


def test_templates_are_found() -> None:
    assert len(TEMPLATES) > 100


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: "/".join(path.parts[-2:]))
def test_templates_speak_through_the_catalogue(path: Path) -> None:
    found = [text.splitlines()[0][:80] for text in untold(path.read_text(encoding="utf-8"))]
    assert [text for text in found if text not in OWN_NAMES] == []


def test_the_scan_sees_what_is_untold() -> None:
    assert list(untold('{% translate "好" %}{# 注 #}{% blocktranslate %}好{% endblocktranslate %}')) == []
    assert list(untold('{{ a|default:_("无") }}<!-- 注 -->{% comment %}注{% endcomment %}')) == []
    assert list(untold('<p>好</p>{% if a %}：{% endif %}{{ a|join:"、" }}')) == [
        "<p>好</p>",
        "：",
        'a|join:"、"',
    ]


TAKEN_APART = ("partition", "rpartition", "split", "removesuffix")
"""What reads the sentences of engines, whose words are data."""


def spoken(tree: ast.Module) -> Iterator[ast.Constant]:
    """String literals with Chinese that do not go through gettext, nor name the purpose of a page for the audit."""
    free = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            free.add(id(node.value))
        elif isinstance(node, ast.Assign) and node in tree.body and not HAN.search(ast.unparse(node.value)):
            free.add(id(node.value))  # a mark with a name of its own
        elif isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            heard = name == "_" or "gettext" in name or name in TAKEN_APART
            given = [*(node.args if heard else ()), *(k.value for k in node.keywords if k.arg == "purpose")]
            free |= {id(part) for each in given for part in ast.walk(each)}
    for node in ast.walk(tree):
        literal = isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in free
        if literal and CHINESE.search(node.value):
            yield node


VIEWS = sorted(
    path
    for path in (messages.SOURCE / "apps").rglob("*.py")
    if "views" in path.stem or path.parent.name == "views" or path.stem == "panels"
)


def test_views_are_found() -> None:
    assert len(VIEWS) > 20


@pytest.mark.parametrize("path", VIEWS, ids=lambda path: "/".join(path.parts[-2:]))
def test_views_speak_through_the_catalogue(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert [(node.lineno, node.value) for node in spoken(tree)] == []


def test_the_scan_of_views_sees_what_is_untold() -> None:
    fine = 'a = _("好") + gettext("好") + b.partition("：")[0]\nf = access(X, purpose="看")\n"""说明"""'
    assert list(spoken(ast.parse(fine))) == []
    told = 'a = {"k": "好", "m": "，".join(b), "n": f"{c}；"}'
    assert {node.value for node in spoken(ast.parse(told))} == {"好", "，", "；"}


def too_early(tree: ast.Module) -> Iterator[int]:
    """Lines where a text is looked up while its module is loaded, in whatever language that is."""
    eager = {
        each.asname or each.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for each in node.names
        if each.name in ("gettext", "ngettext", "pgettext")
    }

    def within(node: ast.AST) -> Iterator[int]:
        for part in ast.iter_child_nodes(node):
            if not isinstance(part, ast.FunctionDef | ast.Lambda):
                if isinstance(part, ast.Call) and getattr(part.func, "id", "") in eager:
                    yield part.lineno
                yield from within(part)

    yield from within(tree)


def test_no_text_is_looked_up_while_modules_load() -> None:
    code = "from django.utils.translation import gettext as _\n\n\ndef f():\n    _('好')\n\n\nA = [_('好')]"
    assert list(too_early(ast.parse(code))) == [8]
    modules = [path for room in ("ui", "apps", "site") for path in (messages.SOURCE / room).rglob("*.py")]
    found = {path.name: list(too_early(ast.parse(path.read_text(encoding="utf-8")))) for path in modules}
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_nothing_is_said_twice_over(catalogue: str) -> None:
    """What two people filled in on top of each other reads like an echo."""
    said = [text for _, _, english, _ in entries(catalogue) for text in english if len(text) > 12]
    assert [text for text in said if re.fullmatch(r"(.+?)\1+", text, flags=re.DOTALL)] == []
