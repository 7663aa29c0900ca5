"""./chunfeng makes its own environment: once, completely, wherever it stands.

These tests build a miniature checkout whose only requirement is a wheel made here, so they need no network.
"""

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UV = shutil.which("uv") or shutil.which("uv", path=str(ROOT / ".chunfeng/boot/bin"))

pytestmark = pytest.mark.skipif(UV is None, reason="needs uv, which ./chunfeng puts into .chunfeng/boot")


def make_wheel(folder: Path, version: str) -> str:
    """A wheel `cfprobe` of that version, whose module knows it; returns the line of a lock file."""
    folder.mkdir(exist_ok=True)
    info = f"cfprobe-{version}.dist-info"
    files = {
        "cfprobe.py": f"version = {version!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: cfprobe\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = ""
    for name, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content.encode()).digest()).rstrip(b"=").decode()
        record += f"{name},sha256={digest},{len(content)}\n"
    wheel = folder / f"cfprobe-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        archive.writestr(f"{info}/RECORD", record + f"{info}/RECORD,,\n")
    return f"cfprobe=={version} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"


class House:
    """A miniature checkout and the way to call its door."""

    def __init__(self, root: Path, wheels: Path) -> None:
        self.root, self.wheels = root, wheels
        (root / "tools").mkdir(parents=True)
        (root / "requirements").mkdir()
        (root / "src/chunfeng").mkdir(parents=True)
        shutil.copy(ROOT / "chunfeng", root)
        shutil.copy(ROOT / "tools/bootstrap.sh", root / "tools")
        (root / "src/chunfeng/__init__.py").touch()
        (root / "src/chunfeng/__main__.py").write_text(
            "import os, sys, cfprobe\nprint(cfprobe.version, sys.argv[1:], os.getcwd())\n"
        )
        (root / ".chunfeng/boot/bin").mkdir(parents=True)
        (root / ".chunfeng/boot/bin/uv").symlink_to(str(UV))
        self.want("1.0")

    @property
    def settings(self) -> dict[str, str]:
        return {"CHUNFENG_WHEELHOUSE": str(self.wheels), "CHUNFENG_PYTHON": sys.executable}

    def want(self, version: str) -> None:
        line = make_wheel(self.wheels, version)
        for level in ("base", "dev", "bench"):
            (self.root / f"requirements/{level}.txt").write_text(f"# {level}\n{line}")

    def start(self, *arguments: str, cwd: Path | None = None, **environment: str) -> subprocess.Popen[str]:
        clean = {
            key: value for key, value in os.environ.items() if not key.startswith(("CHUNFENG", "PYTHON"))
        }
        return subprocess.Popen(
            [self.root / "chunfeng", *arguments],
            cwd=cwd or self.root,
            env=clean | self.settings | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    def call(self, *arguments: str, cwd: Path | None = None, **environment: str) -> tuple[int, str, str]:
        process = self.start(*arguments, cwd=cwd, **environment)
        out, err = process.communicate(timeout=60)
        return process.returncode, out.strip(), err

    @property
    def environments(self) -> list[str]:
        return sorted(path.name for path in (self.root / ".chunfeng").glob("env-*"))


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path / "春风 平台/一 份", tmp_path / "离线 包")


def test_the_first_call_installs_and_passes_the_command_on(house: House, tmp_path: Path) -> None:
    code, out, err = house.call("run", "a folder", "--as-of", "2023-01-15", cwd=tmp_path)
    assert (code, out) == (0, f"1.0 ['run', 'a folder', '--as-of', '2023-01-15'] {tmp_path}"), err


def test_the_second_call_starts_no_installer_and_costs_little(house: House) -> None:
    house.call("run")
    (house.root / ".chunfeng/boot/bin/uv").unlink()
    (house.root / "src/chunfeng/__main__.py").write_text("print('started')\n")
    python = house.root / ".chunfeng/venv/bin/python"

    def quickest(command: list[str | Path]) -> float:
        def once() -> float:
            started = time.perf_counter()
            subprocess.run(command, env=os.environ | house.settings, capture_output=True, check=True)
            return time.perf_counter() - started

        return min(once() for _ in range(5))

    assert quickest([house.root / "chunfeng", "run"]) - quickest([python, "-m", "chunfeng", "run"]) < 0.1


def test_a_changed_lock_is_installed_beside_the_old_one(house: House) -> None:
    house.call("run")
    house.want("2.0")
    assert house.call("run")[1].startswith("2.0 ")


def test_an_environment_that_holds_more_serves_for_less(house: House) -> None:
    house.call("python", "-c", "pass")
    house.call("run")
    assert [name.split("-")[1] for name in house.environments] == ["dev"]


def test_what_a_killed_bootstrap_left_is_swept_away(house: House) -> None:
    process = house.start("run")
    time.sleep(0.05)
    process.kill()
    process.communicate()
    (house.root / ".chunfeng/env-base.new.1/lib").mkdir(parents=True)
    code, out, err = house.call("run")
    assert (code, out[:3]) == (0, "1.0"), err
    assert [name for name in house.environments if ".new." in name] == []


def test_a_broken_environment_is_made_again(house: House) -> None:
    house.call("run")
    (house.root / ".chunfeng" / house.environments[0] / "bin/python").unlink()
    assert house.call("run")[0] == 0


def test_two_first_calls_at_once_both_succeed(house: House) -> None:
    processes = [house.start("run") for _ in range(3)]
    answers = [process.communicate(timeout=60) for process in processes]
    assert [out[:3] for out, _ in answers] == ["1.0"] * 3, answers


def test_a_moved_checkout_still_works(house: House, tmp_path: Path) -> None:
    house.call("run")
    house.root = house.root.rename(tmp_path / "moved")
    code, out, err = house.call("python", "-c", "import chunfeng; print(chunfeng.__file__)")
    assert (code, out) == (0, str(tmp_path / "moved/src/chunfeng/__init__.py")), err


def test_it_can_be_called_through_a_link(house: House, tmp_path: Path) -> None:
    (tmp_path / "cf").symlink_to(house.root / "chunfeng")
    run = subprocess.run(
        [tmp_path / "cf", "run"],
        env=os.environ | {"CHUNFENG_WHEELHOUSE": str(house.wheels)},
        capture_output=True,
        encoding="utf-8",
    )
    assert run.stdout.startswith("1.0 "), run.stderr


def test_the_environment_can_be_made_beforehand(house: House) -> None:
    code, out, err = house.call("prepare")
    assert (code, out, len(house.environments)) == (0, "", 1), err


def test_a_python_that_this_user_cannot_run_is_named(house: House) -> None:
    house.call("prepare")
    python = house.root / ".chunfeng" / house.environments[0] / "bin/python"
    python.unlink()
    python.symlink_to("/nowhere/python3")
    code, _, err = house.call("run")
    assert code == 3
    assert "/nowhere/python3" in err


def test_a_wheel_with_another_hash_is_refused(house: House) -> None:
    lock = house.root / "requirements/base.txt"
    lock.write_text(lock.read_text()[:-9] + "00000000\n")
    code, _, err = house.call("run")
    assert (code, house.environments) == (4, []), err


def test_a_python_that_is_too_old_is_named(house: House) -> None:
    code, _, err = house.call("run", CHUNFENG_PYTHON="/bin/false")
    assert code == 3
    assert "CHUNFENG_PYTHON=/bin/false" in err


def test_a_missing_offline_folder_is_named(house: House) -> None:
    code, _, err = house.call("run", CHUNFENG_WHEELHOUSE="/nowhere/wheels")
    assert code != 0
    assert "/nowhere/wheels" in err


def test_help_needs_no_environment(house: House) -> None:
    code, out, _ = house.call("--help")
    assert code == 0
    assert "./chunfeng run FOLDER" in out
    assert house.environments == []


def test_the_doctor_says_in_both_languages_whether_all_is_here() -> None:
    run = subprocess.run([ROOT / "chunfeng", "doctor"], capture_output=True, encoding="utf-8")
    assert "必需 / needed" in run.stdout
    assert "Python 3." in run.stdout
    assert run.returncode == (1 if "✗" in run.stdout else 0)
