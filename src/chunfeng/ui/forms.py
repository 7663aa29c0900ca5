"""How forms are drawn: label, help, control and error of every field, tied together for screen readers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import django.forms
from django.forms.renderers import BaseRenderer
from django.template.backends.django import DjangoTemplates
from django.utils.functional import cached_property

_OURS = Path(__file__).parent / "templates"
_DJANGOS = Path(django.forms.__file__).parent / "templates"


class Renderer(BaseRenderer):
    """The setting FORM_RENDERER. Its own engine: our templates first, then Django's for widgets we leave as they are."""

    form_template_name = "django/forms/form.html"
    field_template_name = "django/forms/field.html"
    formset_template_name = "django/forms/formset.html"

    @cached_property
    def engine(self) -> DjangoTemplates:
        return DjangoTemplates(
            {
                "NAME": "forms",
                "DIRS": [_OURS, _DJANGOS],
                "APP_DIRS": False,
                "OPTIONS": {
                    "builtins": ["django.templatetags.i18n"],
                    "libraries": {"ui": "chunfeng.ui.templatetags.ui"},
                },
            }
        )

    def get_template(self, template_name: str) -> Any:
        return self.engine.get_template(template_name)
