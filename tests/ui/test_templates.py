"""What the content security policy forbids stands in no template of the platform, nor does what would be written unescaped."""

import re
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src/chunfeng"
TEMPLATES = sorted(path for path in SOURCE.rglob("*.html") if "templates" in path.parts)
COMMENTS = re.compile(r"\{#.*?#\}|\{%\s*comment\b.*?endcomment\s*%\}", re.DOTALL)
FORBIDDEN = {
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "a script without a file": re.compile(r"<script\b(?![^>]*\ssrc=)", re.IGNORECASE),
    "an event handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "a script as address": re.compile(r"=\s*[\"']?\s*javascript:", re.IGNORECASE),
    "an expression of htmx": re.compile(
        r"hx-on|hx-(?:vals|headers)\s*=\s*[\"']?\s*js:|hx-trigger\s*=\s*\"[^\"]*\["
    ),
    "a file from elsewhere": re.compile(r"(?:src|href|action)\s*=\s*[\"'](?:https?:)?//", re.IGNORECASE),
    "an unescaped value": re.compile(r"\|\s*safe\b|autoescape\s+off|\{\{\s*attrs\s*\}\}"),
}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_template_keeps_to_the_policy(path: Path) -> None:
    text = COMMENTS.sub("", path.read_text(encoding="utf-8"))
    broken = {what: found.group() for what, pattern in FORBIDDEN.items() if (found := pattern.search(text))}
    assert not broken


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('<p style="color: red">', "a style attribute"),
        ("<style>p {}</style>", "a style element"),
        ("<script>run()</script>", "a script without a file"),
        ('<a href="#" onclick="run()">', "an event handler"),
        ('<a href="javascript:run()">', "a script as address"),
        ('<form hx-on::after-request="this.reset()">', "an expression of htmx"),
        ('<script src="//cdn.example/x.js">', "a file from elsewhere"),
        ("<div {{ attrs }}>", "an unescaped value"),
    ],
)
def test_the_patterns_find_what_they_are_for(text: str, what: str) -> None:
    assert FORBIDDEN[what].search(text)


def test_icons_that_templates_name_are_in_the_sprite() -> None:
    known = set(
        re.findall(r'<symbol id="([^"]+)"', (SOURCE / "ui/static/ui/icons.svg").read_text(encoding="utf-8"))
    )
    used = {
        name
        for path in TEMPLATES
        for name in re.findall(
            r"\{% icon \"([\w-]+)\"|<c-[^>]*\sicon=\"([\w-]+)\"", path.read_text(encoding="utf-8")
        )
        for name in name
        if name
    }
    assert used
    assert used <= known
