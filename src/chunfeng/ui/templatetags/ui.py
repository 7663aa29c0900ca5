"""Template tags of the components: icons, attributes handed through, the person's chosen text size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.forms import BoundField, CheckboxInput
from django.forms.utils import flatatt
from django.http import QueryDict
from django.templatetags.static import static
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

register = template.Library()

ANSWERS = {
    "yes": ("yes", "check", _("符合")),
    "no": ("no", "cross", _("不符合")),
    "unknown": ("unknown", "question", _("待查")),
}
"""Three-valued answer → class, icon, word."""
_ANSWERS_OF = {True: "yes", False: "no", None: "unknown"}


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon of the sprite. Without a label it is decoration and silent; with one it is an image of that name."""
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}#{}"></use></svg>',
            label,
            static("ui/icons.svg"),
            name,
        )
    return _decoration(name)


@lru_cache(maxsize=256)
def _decoration(name: str) -> SafeString:
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        static("ui/icons.svg"),
        name,
    )


@register.filter
def attributes(attrs: Any) -> SafeString:
    """The attributes a component was given and did not ask for, escaped, with a space in front of each.

    Use it in place of `{{ attrs }}`, which writes values as they are.
    """
    given: Mapping[str, Any] = attrs.attrs_dict() if hasattr(attrs, "attrs_dict") else attrs
    return mark_safe(
        "".join(
            f" {conditional_escape(key)}"
            if value is True
            else ' {}="{}"'.format(conditional_escape(key), conditional_escape(value).replace('"', "&quot;"))
            for key, value in given.items()
            if value is not False and value is not None
        )
    )


@register.filter
def answer(value: Any) -> str:
    """yes, no or unknown, of a word or of True, False, None. Whatever is neither is unknown."""
    if value is None or isinstance(value, bool):
        return _ANSWERS_OF[value]
    return str(value) if str(value) in ANSWERS else "unknown"


@register.filter
def answer_icon(value: Any) -> str:
    """The icon of an answer."""
    return ANSWERS[answer(value)][1]


@register.filter
def answer_word(value: Any) -> str:
    """The word for an answer."""
    return str(ANSWERS[answer(value)][2])


@register.simple_tag(takes_context=True)
def display_class(context: Mapping[str, Any]) -> str:
    """`elder` when the person has chosen large text for this session, else nothing."""
    session = getattr(context.get("request"), "session", None)
    return "elder" if session is not None and session.get("display") == "elder" else ""


@register.simple_tag
def widget_attributes(attrs: Mapping[str, Any]) -> SafeString:
    """A widget's attributes without its class, which our widget templates write themselves."""
    return flatatt({key: value for key, value in attrs.items() if key != "class"})


@register.simple_tag
def widget_options(groups: Iterable[tuple[str | None, Iterable[Mapping[str, Any]], int]]) -> SafeString:
    """The options of a select, in one go: a filter has hundreds, and a template for each was a third of a list page."""
    return mark_safe("".join(_options(groups)))


def _options(groups: Iterable[tuple[str | None, Iterable[Mapping[str, Any]], int]]) -> Iterator[str]:
    for name, options, _index in groups:
        if name:
            yield format_html('<optgroup label="{}">', name)
        for option in options:
            attrs = widget_attributes(option["attrs"]) if option["attrs"] else ""
            yield format_html(
                '<option value="{}"{}>{}</option>', str(option["value"]), attrs, option["label"]
            )
        if name:
            yield "</optgroup>"


@register.simple_tag
def tab_items(navigation: Any) -> list[Any]:
    """The four entries for the bar at the bottom of a phone: those marked `tab`, else the first of all."""
    items = [item for section in navigation for item in _part(section, "items")]
    return ([item for item in items if _part(item, "tab")] or items)[:4]


def _part(thing: Any, name: str) -> Any:
    return thing.get(name) if isinstance(thing, Mapping) else getattr(thing, name, None)


@register.filter
def level_icon(level: str) -> str:
    """The icon of a message's level (success, warning, error; info for any other)."""
    return {"success": "check", "warning": "warning", "error": "warning"}.get(level, "info")


@register.simple_tag(takes_context=True)
def sort_query(context: Mapping[str, Any], param: str, value: str) -> str:
    """The query string of this page with another order, from the first page on."""
    request = context.get("request")
    query = request.GET.copy() if request is not None else QueryDict(mutable=True)
    for page in ("after", "before"):
        query.pop(page, None)
    query[param] = value
    return f"?{query.urlencode()}"


@register.filter
def before(number: Any, current: Any) -> bool:
    """Whether a step comes before the current one."""
    return int(number) < int(current)


@register.filter
def unlocalize_number(value: Any) -> str:
    """A number as HTML wants it, whatever the language."""
    return str(value)


@register.simple_tag
def map_notice() -> str:
    """Source and number of the base map, as the site sets it (MAP_NOTICE)."""
    return str(getattr(settings, "MAP_NOTICE", ""))


@register.simple_tag
def widget_class(widget: Mapping[str, Any], wanted: str = "") -> SafeString:
    """The class attribute of a form control: what its type calls for, and what the form asked for besides."""
    kind = widget.get("type")
    if kind == "hidden":
        return mark_safe("")
    ours = wanted or ("form-check-input" if kind in ("checkbox", "radio") else "form-control")
    return flatatt({"class": f"{ours} {widget['attrs'].get('class', '')}".strip()})


@register.filter
def control_kind(field: BoundField) -> str:
    """`checkbox` for a single tick box, whose label stands behind it; else the name of the widget's class."""
    return "checkbox" if isinstance(field.field.widget, CheckboxInput) else type(field.field.widget).__name__


@register.filter
def control_id(field: BoundField) -> str:
    """Where a link to the field leads: its control, or the first of its choices."""
    return field.id_for_label or (f"{field.auto_id}_0" if field.use_fieldset else field.auto_id)
