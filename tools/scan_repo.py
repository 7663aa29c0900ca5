"""Look through the tracked files for what must never be published: secrets, machine paths, hosts, addresses.

    python tools/scan_repo.py [ROOT]

Errors: keys, tokens and passwords; absolute paths of somebody's machine; hosts of package registries (a lock
file or a document that names one breaks behind a mirror); e-mail addresses; files over 5 MB.
Warnings: mobile numbers that could belong to somebody. Exceptions stand in tools/scan_repo.toml,
each with its reason.
"""

from __future__ import annotations

import fnmatch
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

LARGEST = 5 * 1024 * 1024
SETTINGS = "tools/scan_repo.toml"
NOT_OURS = {".git", ".chunfeng", "__pycache__", ".venv", "node_modules"}

# Number ranges the sample draws its phones from; none was seen handed out to the public.
UNASSIGNED = ("154", "160", "161", "163", "164", "168", "169", "194")

# Patterns are written so that they do not match themselves (a bracket around one letter is enough).
PATTERNS: dict[str, re.Pattern[str]] = {
    "secret": re.compile(
        r"-----BEGIN [A-Z ]*PRIVATE KEY"
        r"|\bAKIA[0-9A-Z]{16}\b"
        r"|\bgh[pousr]_[A-Za-z0-9]{36,}|\bgithub_pat_\w{40,}|\bglpat-[\w-]{20,}"
        r"|\bxox[abprs]-[\w-]{10,}|\bsk-[A-Za-z0-9_-]{24,}|\bAIza[\w-]{35}\b|\bnpm_[A-Za-z0-9]{36}\b"
        r"|\bLTAI[A-Za-z0-9]{12,30}\b"
        r"|\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}"
        r"|://[^\s/:@\"'<>{}$]{1,80}:[^\s/:@\"'<>{}$]{1,80}@[\w.-]+"
        r"|(?i:password|passwd|secret|api_?key|access_?key|auth_?token)\w{0,20}\s{0,4}[:=]\s{0,4}"
        r"(?P<quote>[\"'])(?!\s|test|example|changeme|xxx|\*|<|\{|\$)[^\"'\s]{8,}(?P=quote)"
    ),
    "path": re.compile(
        r"(?<![\w.~/:*-])/(?:home|wor[k]|roo[t]|Users)/[\w.-]+"
        r"|\b[A-Za-z]:\\{1,2}(?:Users|Documents and Settings)\\{1,2}[\w.-]+"
    ),
    "registry": re.compile(
        r"\b(?:pyp[i]\.org|pythonhoste[d]\.org|npmj[s]\.(?:com|org)|npmmirro[r]\.com"
        r"|yarnpk[g]\.com|debia[n]\.org|ubunt[u]\.com/ubuntu|crate[s]\.io|rubygem[s]\.org|anacond[a]\.(?:com|org)"
        r"|nodesourc[e]\.com|proxy\.golan[g]\.org|pkg\.de[v])\b"
    ),
    "email": re.compile(
        r"\b[A-Za-z0-9][A-Za-z0-9._%+-]*@(?!example\.|[\w.-]*\.example\b|users\.noreply\.)"
        r"(?:[A-Za-z0-9-]+\.)+(?:com|cn|org|net|edu|gov|io|dev|me|info|top|xyz|vip|site)\b"
    ),
    "phone": re.compile(r"(?<![\w.])(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?![\w.])"),
}
# A pattern is tried only on a text that holds one of these words (lower case): plain search is far quicker.
HINTS: dict[str, tuple[str, ...]] = {
    "secret": tuple(
        "-----begin akia ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ glpat- xox sk- aiza npm_ ltai eyj ://"
        " passw secret key token".split()
    ),
    "path": ("/home/", "/wor" + "k/", "/roo" + "t/", "/users/", ":\\"),
    "registry": (".org", ".com", ".io", ".dev"),
    "email": ("@",),
    "phone": ("1",),
}
WARNINGS = {"phone"}
SECRET_FILES = tuple("*.pem *.p12 *.pfx *.key *.jks id_rsa* id_ed25519* .env .netrc .pypirc".split())

REMEDY = {
    "secret": "remove it, and change the secret itself: what was once committed is known",
    "path": "write it relative to the repository, or take it as an argument",
    "registry": "leave the host out: clients have their own settings, and mirrors differ",
    "email": "use a name at example.com",
    "phone": f"use an unassigned range ({', '.join(UNASSIGNED)})",
    "large": "keep it out of the repository, or allow it in tools/scan_repo.toml with a reason",
}


@dataclass(frozen=True)
class Finding:
    """One thing found: where (path, line from 1; 0 for the file itself), of which kind, and the words."""

    path: str
    line: int
    kind: str
    text: str

    @property
    def is_warning(self) -> bool:
        return self.kind in WARNINGS


@dataclass(frozen=True)
class Settings:
    """What is let pass: (kind, path pattern, text) and paths of large files."""

    allowed: tuple[tuple[str, str, str], ...] = ()
    large: tuple[str, ...] = ()

    @classmethod
    def read(cls, path: Path) -> Settings:
        """Read the TOML file; an entry without a reason is an error."""
        if not path.exists():
            return cls()
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        entries = data.get("allow", []) + data.get("large_file", [])
        for entry in entries:
            if not entry.get("reason"):
                raise SystemExit(f"{path}: an entry for {entry.get('path')} gives no reason")
        return cls(
            tuple((e["kind"], e["path"], e.get("text", "")) for e in data.get("allow", [])),
            tuple(e["path"] for e in data.get("large_file", [])),
        )

    def lets_pass(self, finding: Finding) -> bool:
        if finding.kind == "large":
            return any(fnmatch.fnmatchcase(finding.path, pattern) for pattern in self.large)
        return any(
            kind == finding.kind and fnmatch.fnmatchcase(finding.path, pattern) and text in finding.text
            for kind, pattern, text in self.allowed
        )


def tracked_files(root: Path) -> list[str]:
    """Paths that git tracks under root; in an unpacked archive without git, every file that is ours."""
    try:
        listed = subprocess.run(
            ["git", "-c", "safe.directory=*", "ls-files", "-z"], cwd=root, capture_output=True, check=True
        ).stdout
        return sorted(name for name in listed.decode("utf-8").split("\0") if name)
    except (OSError, subprocess.CalledProcessError):
        return sorted(
            path.relative_to(root).as_posix()
            for path in root.rglob("*")
            if path.is_file() and not NOT_OURS.intersection(path.relative_to(root).parts)
        )


def _is_harmless(kind: str, text: str) -> bool:
    return kind == "phone" and re.sub(r"\D", "", text)[-11:].startswith(UNASSIGNED)


def scan_text(path: str, text: str) -> Iterator[Finding]:
    """Findings in one text, each pattern's first hit per line."""
    lower = text.lower()
    for kind, pattern in PATTERNS.items():
        if not any(hint in lower for hint in HINTS[kind]):
            continue
        seen_line = 0
        line, counted = 1, 0
        for match in pattern.finditer(text):
            if _is_harmless(kind, match.group()):
                continue
            line += text.count("\n", counted, match.start())
            counted = match.start()
            if line != seen_line:
                seen_line = line
                yield Finding(path, line, kind, match.group())


def scan_file(root: Path, path: str) -> Iterator[Finding]:
    """Findings in one file: its name, its size, and, unless it is binary, its text."""
    name = path.rsplit("/", 1)[-1]
    if any(fnmatch.fnmatchcase(name, pattern) for pattern in SECRET_FILES):
        yield Finding(path, 0, "secret", name)
    file = root / path
    if file.is_symlink() or not file.is_file():
        return
    content = file.read_bytes()
    if len(content) > LARGEST:
        yield Finding(path, 0, "large", f"{len(content) / 1024 / 1024:.1f} MB")
    if b"\0" in content[:8192]:
        return
    yield from scan_text(path, content.decode("utf-8", errors="replace"))


def scan(root: Path, paths: Iterable[str], settings: Settings) -> list[Finding]:
    """Everything found in the given files that the settings do not let pass."""
    return [f for path in paths for f in scan_file(root, path) if not settings.lets_pass(f)]


def _shown(finding: Finding) -> str:
    """A secret is not repeated in a build log."""
    text = finding.text[:60]
    return text[:6] + "…" if finding.kind == "secret" and finding.line else text


def main(arguments: list[str]) -> int:
    root = Path(arguments[0] if arguments else Path(__file__).parents[1])
    findings = scan(root, tracked_files(root), Settings.read(root / SETTINGS))
    errors = [f for f in findings if not f.is_warning]
    warnings = [f for f in findings if f.is_warning]
    for finding in errors:
        print(f"{finding.path}:{finding.line}: {finding.kind}: {_shown(finding)}\n    {REMEDY[finding.kind]}")
    for path in sorted({f.path for f in warnings}):
        here = [f for f in warnings if f.path == path]
        print(
            f"提醒 warning: {path}: {len(here)} line(s) with a {here[0].kind} that may be real, "
            f"first at line {here[0].line}: {REMEDY[here[0].kind]}"
        )
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
