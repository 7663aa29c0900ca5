"""Bring the English catalogue up to date: take every text from code, templates and named data, merge, compile.

    ./chunfeng python tools/messages.py            writes src/chunfeng/locale/en/LC_MESSAGES/django.po and .mo
    ./chunfeng python tools/messages.py --missing  then lists the texts that still lack English

The texts themselves are Chinese. One without English is left empty, never guessed from a like one; one that is used no
longer is dropped. Needs GNU gettext.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src/chunfeng"
sys.path.insert(0, str(SOURCE.parent))

from django.utils.translation.template import templatize  # noqa: E402

from chunfeng.apps.registry import words  # noqa: E402
from chunfeng.pipeline.stages import STAGES  # noqa: E402

CATALOGUE = SOURCE / "locale/en/LC_MESSAGES/django.po"
ROOMS = ("ui", "apps", "site")
KEYWORDS = (
    "gettext_noop gettext_lazy ngettext:1,2 ngettext_lazy:1,2"
    " pgettext:1c,2 pgettext_lazy:1c,2 npgettext:1c,2,3 npgettext_lazy:1c,2,3"
).split()
_PURPOSE = {"open_to_all": 0, "whole_province": 1, "Scope": 2}
"""Which argument of these calls says what it is for."""
LAYOUT = ["--add-location=file", "--sort-by-file", "--width=110"]


def purposes(code: str) -> Iterator[str]:
    """What pages and jobs are for, as they declare it and the audit shows it."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call):
            given = [each.value for each in node.keywords if each.arg == "purpose"]
            place = _PURPOSE.get(getattr(node.func, "id", ""))
            given += [] if place is None else node.args[place : place + 1]
            yield from (each.value for each in given if isinstance(each, ast.Constant))


def sources() -> Iterator[tuple[Path, str]]:
    """Every file that may hold texts, its content as Python that xgettext reads; last what comes from data."""
    told: set[str] = set()
    for room in ROOMS:
        for path in sorted((SOURCE / room).rglob("*")):
            if "vendor" in path.parts or path.suffix not in (".py", ".html", ".txt"):
                continue
            text = path.read_text(encoding="utf-8")
            if path.suffix == ".py":
                told.update(purposes(text))
            yield path.relative_to(SOURCE), text if path.suffix == ".py" else templatize(text)
    names, relations = words.from_data()
    lines = [f"gettext({name!r})" for name in sorted(names | told | {name for _code, name in STAGES})]
    lines += [f"pgettext({words.KINSHIP!r}, {name!r})" for name in sorted(relations)]
    yield Path("data.py"), "\n".join(lines)


def _run(*command: str | Path, cwd: Path) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    if done.returncode or done.stderr.strip():
        raise SystemExit(f"{command[0]}: {done.stderr}")


def extract(folder: Path) -> Path:
    """The template catalogue of all texts, in a new file in `folder`."""
    names = []
    for path, text in sources():
        copy = folder / path
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(text, encoding="utf-8")
        names.append(str(path))
    (folder / "files").write_text("\n".join(names), encoding="utf-8")
    keywords = [f"--keyword={word}" for word in KEYWORDS]
    given = ["--language=Python", "--from-code=UTF-8", "--add-comments=Translators", "--files-from=files"]
    _run("xgettext", *given, *keywords, *LAYOUT, "--output=django.pot", cwd=folder)
    return folder / "django.pot"


def merge(catalogue: Path, template: Path) -> str:
    """The catalogue with exactly the texts of the template, those already known keeping their English."""
    folder = template.parent
    (folder / "known.po").write_bytes(catalogue.read_bytes())
    merging = ["--quiet", "--no-fuzzy-matching", *LAYOUT, "--output-file=merged.po"]
    _run("msgmerge", *merging, "known.po", template.name, cwd=folder)
    _run("msgattrib", "--no-obsolete", *LAYOUT, "--output-file=kept.po", "merged.po", cwd=folder)
    return re.sub(
        r'(?m)^"(POT-Creation-Date|Report-Msgid-Bugs-To):.*\n', "", (folder / "kept.po").read_text("utf-8")
    )


def compile_to(target: Path, catalogue: Path) -> None:
    """The binary catalogue, after gettext has held the placeholders of both sides against each other."""
    _run("msgfmt", "--check-format", f"--output-file={target}", catalogue, cwd=catalogue.parent)


def missing(catalogue: Path = CATALOGUE) -> str:
    """The entries without English, as gettext writes them."""
    command = ["msgattrib", "--untranslated", "--no-wrap", str(catalogue)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def update(catalogue: Path = CATALOGUE) -> None:
    """Rewrite the catalogue and compile it."""
    with tempfile.TemporaryDirectory() as folder:
        catalogue.write_text(merge(catalogue, extract(Path(folder))), encoding="utf-8")
    compile_to(catalogue.with_suffix(".mo"), catalogue)


if __name__ == "__main__":
    update()
    if "--missing" in sys.argv:
        print(missing())
