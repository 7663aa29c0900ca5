"""`{% csrf_token %}` that says besides which hat a form was made under (see accounts.middleware). A builtin of all templates."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.base import Parser, Token
from django.template.context import BaseContext
from django.template.defaulttags import CsrfTokenNode
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


class _Node(CsrfTokenNode):
    def render(self, context: BaseContext) -> SafeString:
        request: Any = getattr(context, "request", None) or context.get("request")
        hat = getattr(getattr(request, "worn", None), "hat", None)
        told = format_html('<input type="hidden" name="worn" value="{}">', hat.pk) if hat else ""
        return SafeString(super().render(context) + told)


@register.tag
def csrf_token(parser: Parser, token: Token) -> _Node:
    return _Node()
