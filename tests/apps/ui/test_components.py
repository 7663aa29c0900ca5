"""Every component stands on the style page, draws without anything given, and writes nothing unescaped."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.forms.renderers import DjangoTemplates
from django.template import Context, Template
from django.test import RequestFactory
from django.test.html import parse_html

from chunfeng.ui.charts import Chart, MapFigure, MapRegion
from chunfeng.ui.forms import Renderer
from chunfeng.ui.templatetags.ui import ANSWERS, answer, attributes, tab_items

TEMPLATES = Path(__file__).parents[3] / "src/chunfeng/ui/templates"
COMPONENTS = sorted(path.stem for path in (TEMPLATES / "cotton").glob("*.html"))
WITHOUT_FIGURE = [name for name in COMPONENTS if name not in ("chart", "map")]
EVIL = "<img src=x onerror=alert(1)>\"'></script>&"
RAW = re.compile(r"<img src=x|\"'>")


class EvilForm(forms.Form):
    field = forms.CharField(label=EVIL, help_text=EVIL)
    choice = forms.ChoiceField(label="x", choices=[(EVIL, EVIL)], widget=forms.RadioSelect)
    many = forms.MultipleChoiceField(label="x", choices=[(EVIL, [(EVIL, EVIL)])])
    several = forms.MultipleChoiceField(
        label="x", choices=[(EVIL, EVIL)], widget=forms.CheckboxSelectMultiple
    )
    text = forms.CharField(widget=forms.Textarea)
    agreed = forms.BooleanField(label=EVIL)
    secret = forms.CharField(widget=forms.HiddenInput)

    def clean(self) -> None:
        self.add_error("text", EVIL)
        self.add_error(None, EVIL)


def evil_form() -> EvilForm:
    return EvilForm(dict.fromkeys(EvilForm.base_fields, EVIL))


SPECIAL: dict[str, Any] = {
    "chart": Chart("bar", (EVIL, EVIL), ((EVIL, 3),), EVIL, urls=(EVIL,)),
    "map": MapFigure("county", EVIL, (MapRegion("350825", EVIL, 1, EVIL),), EVIL),
    "items": [{"url": EVIL, "label": EVIL, "count": EVIL}],
    "nodes": [{"text": EVIL, "note": EVIL, "source": EVIL, "answer": EVIL, "children": [{"text": EVIL}]}],
    "steps": [EVIL],
    "keys": [(EVIL, EVIL)],
    "reasons": [(EVIL, EVIL)],
    "chosen": [{"url": EVIL, "label": EVIL}],
    "current": "1",
    "level": "1",
}


def render(source: str, /, query: dict[str, str] | None = None, **given: Any) -> str:
    request = RequestFactory().get("/", {"evil": EVIL} if query is None else query)
    request.user = AnonymousUser()
    request.session = {}
    context = Context({"request": request, **given})
    context.request = request
    return Template(source).render(context)


def variables(component: str) -> list[str]:
    text = (TEMPLATES / f"cotton/{component}.html").read_text(encoding="utf-8")
    found = re.search(r"<c-vars (.*?)/>", text, re.DOTALL)
    return re.findall(r":?([\w-]+)=", found[1]) if found else []


def compiled(source: str) -> str:
    from django_cotton.compiler_regex import CottonCompiler

    return CottonCompiler().process(source)


@pytest.mark.parametrize("component", COMPONENTS)
def test_what_is_given_is_escaped(component: str) -> None:
    names = variables(component)
    values = {name: SPECIAL.get(name, EVIL) for name in names}
    if component == "field":
        values["field"] = ""
    if component == "breadcrumbs":
        values["items"] = [(EVIL, EVIL)]
    if component == "form_errors":
        values["form"] = evil_form()
    given = " ".join(f':{name}="{name}"' for name in names)
    html = render(
        compiled(
            f'<c-{component} {given} :data-x="evil" data-y="{{{{ evil }}}}">{{{{ evil }}}}</c-{component}>'
        ),
        evil=EVIL,
        **values,
    )
    assert html.strip()
    assert not RAW.search(html), html
    if component not in ("form_errors", "field"):
        assert "&lt;img src=x" in html


@pytest.mark.parametrize("component", WITHOUT_FIGURE)
def test_nothing_need_be_given(component: str) -> None:
    assert "c-vars" not in render(compiled(f"<c-{component} />"))


@pytest.mark.parametrize("component", WITHOUT_FIGURE)
def test_what_is_around_does_not_leak_in(component: str) -> None:
    """A page has words of its own for title, label and the like; a component given none must show none."""
    around = dict.fromkeys({name for each in COMPONENTS for name in variables(each)}, "漏进来的词")
    assert "漏进来的词" not in render(compiled(f"<c-{component} />"), **around)


@pytest.mark.parametrize("component", COMPONENTS)
def test_the_style_page_shows_it(component: str) -> None:
    shown = "".join(
        (TEMPLATES / f"ui/{name}.html").read_text(encoding="utf-8") for name in ("style", "style_progress")
    )
    name = component.replace("_", "-")
    if component == "form_errors":
        assert "{{ wrong }}" in shown  # a form draws it by itself
    else:
        assert re.search(rf"<c-{name}[\s>/]", shown)


def test_a_form_is_escaped_and_tied_together() -> None:
    form = evil_form()
    html = str(form)
    assert not RAW.search(html)
    for field in form.visible_fields():
        if field.errors:
            assert f'id="{field.auto_id}_error"' in html
            assert (
                f"{field.auto_id}_error"
                in re.search(r'aria-describedby="([^"]*)"', str(field.as_field_group()))[1]
            )
    for target in re.findall(r'<a href="#([^"]+)"', html):
        assert f'id="{target}"' in html


@pytest.mark.parametrize(
    "widget",
    [
        forms.TextInput,
        forms.Select,
        forms.Textarea,
        forms.CheckboxInput,
        forms.FileInput,
        forms.ClearableFileInput,
    ],
)
def test_a_widget_keeps_the_class_it_was_given(widget: type[forms.Widget]) -> None:
    from chunfeng.ui.forms import Renderer

    html = widget(attrs={"class": "mine", "data-a": "1"}).render("n", None, renderer=Renderer())
    assert html.count("class=") == 1
    assert re.search(r'class="form-\S+ mine"', html)
    assert 'data-a="1"' in html


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (True, "yes"),
        (False, "no"),
        (None, "unknown"),
        ("yes", "yes"),
        ("no", "no"),
        ("", "unknown"),
        ("perhaps", "unknown"),
        (0, "unknown"),
    ],
)
def test_what_is_neither_yes_nor_no_is_unknown(given: Any, expected: str) -> None:
    assert answer(given) == expected


def test_answers_differ_in_more_than_colour() -> None:
    assert len({icon for _class, icon, _word in ANSWERS.values()}) == len(ANSWERS)
    assert len({str(word) for _class, _icon, word in ANSWERS.values()}) == len(ANSWERS)


def test_attributes_are_escaped() -> None:
    assert attributes({"a": EVIL, "b": True, "c": False, "d": None}) == (
        ' a="&lt;img src=x onerror=alert(1)&gt;&quot;&#x27;&gt;&lt;/script&gt;&amp;" b'
    )


def test_zero_is_a_figure_and_nothing_is_unknown() -> None:
    assert "<small>人</small>" in render(compiled('<c-stat label="x" :value="value" unit="人" />'), value=0)
    assert "未知" in render(compiled('<c-stat label="x" :value="value" unit="人" />'), value=None)
    assert "未知" not in render(compiled('<c-stat label="x" :value="value" unit="人" />'), value=0)


def test_help_of_the_framework_may_hold_a_list() -> None:
    from django.contrib.auth.password_validation import password_validators_help_text_html

    class NewPassword(forms.Form):
        password = forms.CharField(help_text=password_validators_help_text_html())

    assert "<ul><li>" in str(NewPassword())


@pytest.mark.parametrize(
    ("current", "order", "leads_to"),
    [("name", "ascending", "-name"), ("-name", "descending", "name"), ("age", None, "name")],
)
def test_a_heading_turns_the_order_and_goes_to_the_first_page(
    current: str, order: str | None, leads_to: str
) -> None:
    html = render(
        compiled('<c-th sort="name" :current="current">姓名</c-th>'),
        {"q": "张", "after": "x", "sort": current},
        current=current,
    )
    href = re.search(r'href="\?([^"]*)"', html)[1].replace("&amp;", "&")
    assert parse_qs(href) == {"q": ["张"], "sort": [leads_to]}
    assert (re.search(r'aria-sort="(\w+)"', html) or [None, None])[1] == order


def test_a_page_further_keeps_what_was_asked() -> None:
    html = render(
        compiled('<c-pager next="b" previous="a" count="1000+" unit="人" />'), {"q": "张", "after": "z"}
    )
    addresses = [parse_qs(href.replace("&amp;", "&")) for href in re.findall(r'href="\?([^"]*)"', html)]
    assert addresses == [{"q": ["张"], "before": ["a"]}, {"q": ["张"], "after": ["b"]}]


def test_a_phone_shows_four_entries_at_most() -> None:
    entries = [{"label": str(n), "url": f"/{n}", "icon": "home"} for n in range(6)]
    sections = [{"label": "", "items": entries[:2]}, {"label": "", "items": entries[2:]}]
    assert [item["label"] for item in tab_items(sections)] == ["0", "1", "2", "3"]
    entries[5]["tab"] = True
    assert [item["label"] for item in tab_items(sections)] == ["5"]


def test_a_select_has_the_options_django_would_draw():
    choices = [("", "不限"), ("东", [(1, "一"), ("<2>", "<二>")]), (None, "空"), ("三", "三")]
    select = forms.SelectMultiple(attrs={"id": "it"}, choices=choices)
    ours = select.render("it", ["<2>", "三"], attrs={"required": True}, renderer=Renderer())
    theirs = select.render("it", ["<2>", "三"], attrs={"required": True}, renderer=DjangoTemplates())
    assert parse_html(ours.replace(' class="form-select"', "")) == parse_html(theirs)
