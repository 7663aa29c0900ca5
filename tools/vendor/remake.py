"""Remake the vendored assets from their published packages (a maintainer's tool; needs node and npm).

    ./chunfeng python tools/vendor/remake.py              # what VENDOR.toml names, byte for byte
    ./chunfeng python tools/vendor/remake.py --upgrade    # the newest versions that PACKAGES allows

Files are committed below `src/chunfeng/ui/static/ui/vendor` and `tests/vendor`, each folder NAME-VERSION with its
licence. `VENDOR.toml` beside the folders says the package's integrity and the hash of every file; `tests/ui/test_vendor.py`
hashes them again.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "src/chunfeng/ui/static/ui/vendor"
TESTS = ROOT / "tests/vendor"
ENTRY = Path(__file__).parent / "echarts.js"
ESBUILD = "0.28.2"
SOURCE_MAP = re.compile(rb"\n?(?://|/\*)# sourceMappingURL=[^\n]*?(?:\*/)?\s*$")
"""The maps are not vendored, and the collector of static files refuses a name it cannot find."""


@dataclass(frozen=True)
class Package:
    """One package: the versions allowed, its licence, and the files taken, by the name they get."""

    name: str
    allowed: str
    licence: str
    into: Path
    files: dict[str, str]


PACKAGES = (
    Package(
        "bootstrap",
        "^5.3",
        "MIT",
        PAGES,
        {
            "bootstrap.min.css": "dist/css/bootstrap.min.css",
            "LICENSE": "LICENSE",
        },
    ),
    Package(
        "echarts",
        "^6.1",
        "Apache-2.0",
        PAGES,
        {
            "echarts.custom.min.js": "",  # built by esbuild from tools/vendor/echarts.js
            "LICENSE": "LICENSE",
            "NOTICE": "NOTICE",
            "LICENSE-d3": "licenses/LICENSE-d3",
            "LICENSE-zrender": "../zrender/LICENSE",
        },
    ),
    Package(
        "axe-core",
        "^4.14",
        "MPL-2.0",
        TESTS,
        {
            "axe.min.js": "axe.min.js",
            "LICENSE": "LICENSE",
            "LICENSE-3RD-PARTY.txt": "LICENSE-3RD-PARTY.txt",
        },
    ),
)


def recorded(folder: Path) -> dict[str, dict[str, object]]:
    """What the folder's VENDOR.toml says, by package."""
    path = folder / "VENDOR.toml"
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def install(into: Path, upgrade: bool) -> dict[str, dict[str, str]]:
    """Install the packages into a folder; the lock's entry (version, integrity) of each by name."""
    wanted = [f"esbuild@{ESBUILD}"]
    for package in PACKAGES:
        known = recorded(package.into).get(package.name)
        wanted.append(f"{package.name}@{known['version'] if known and not upgrade else package.allowed}")
    (into / "package.json").write_text('{"private": true}', encoding="utf-8")
    subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", *wanted], cwd=into, check=True)
    lock = json.loads((into / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    entries = {package.name: lock[f"node_modules/{package.name}"] for package in PACKAGES}
    for package in PACKAGES:
        known = recorded(package.into).get(package.name)
        if known and not upgrade and known["integrity"] != entries[package.name]["integrity"]:
            raise SystemExit(f"{package.name} {known['version']} is not the package that was vendored before")
    return entries


def bundle(workshop: Path, target: Path) -> None:
    """Build our ECharts: one module, minified, licences kept apart."""
    shutil.copy(ENTRY, workshop / "echarts.entry.js")
    subprocess.run(
        [
            workshop / "node_modules/.bin/esbuild",
            "echarts.entry.js",
            "--bundle",
            "--minify",
            "--format=esm",
            "--legal-comments=none",
            "--define:process.env.NODE_ENV='production'",
            f"--outfile={target}",
            "--log-level=warning",
        ],
        cwd=workshop,
        check=True,
    )


def take(package: Package, version: str, workshop: Path) -> dict[str, str]:
    """Replace the package's folder by its files of this version; their hashes by name."""
    for old in package.into.glob(f"{package.name}-[0-9]*"):
        shutil.rmtree(old)
    folder = package.into / f"{package.name}-{version}"
    folder.mkdir(parents=True)
    hashes = {}
    for name, source in package.files.items():
        target = folder / name
        if source:
            target.write_bytes((workshop / "node_modules" / package.name / source).read_bytes())
        else:
            bundle(workshop, target)
        content = SOURCE_MAP.sub(b"\n", target.read_bytes().replace(b"\r\n", b"\n"))
        target.write_bytes(content)
        hashes[name] = hashlib.sha256(content).hexdigest()
    return hashes


def main(upgrade: bool) -> None:
    """Remake every folder and its VENDOR.toml."""
    with tempfile.TemporaryDirectory() as place:
        workshop = Path(place)
        entries = install(workshop, upgrade)
        for folder in {package.into for package in PACKAGES}:
            lines = ["# Written by tools/vendor/remake.py", ""]
            for package in (p for p in PACKAGES if p.into == folder):
                entry = entries[package.name]
                hashes = take(package, entry["version"], workshop)
                lines += [
                    f"[{package.name}]",
                    f'version = "{entry["version"]}"',
                    f'licence = "{package.licence}"',
                ]
                lines += [f'integrity = "{entry["integrity"]}"', f"[{package.name}.sha256]"]
                lines += [f'"{name}" = "{digest}"' for name, digest in hashes.items()]
                lines.append("")
            (folder / "VENDOR.toml").write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main("--upgrade" in sys.argv[1:])
