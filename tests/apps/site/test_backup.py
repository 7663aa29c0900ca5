"""The drill: a platform is backed up while people work, comes back elsewhere on a server reached by URL, and is the same."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from chunfeng.apps.vault.sealing import Unreadable
from chunfeng.site import archive, backup, clients, environment, held, postgres, restore
from chunfeng.site.environment import Secrets, SetupError

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def backed_up(platform, tmp_path_factory):
    """A backup of the tests' platform with a person and a sealed file in it, and the secrets kept apart."""
    folder = tmp_path_factory.mktemp("backup")
    from chunfeng.apps.audit.record import record
    from chunfeng.apps.places.numbers import place_number, reach
    from chunfeng.apps.places.scope import Scope, use
    from chunfeng.apps.registry.models import Person
    from chunfeng.apps.vault import files

    key = 350825 * 10**9 + 999_999_001
    stored = files.put("drill", [b"as sent, " * 1000])
    with use(Scope(reach("350825"), "test", "drill")):
        Person.objects.create(
            key=key,
            county="350825",
            place=place_number("350825"),
            name="林备份",
            id18="350825199001010011",
            phone="16000000001",
        )
        record("create", kind="person", key=key)
    file, secrets = folder / "cf.backup", folder / "secrets.json"
    done = _command("backup", str(file), "--secrets", str(secrets))
    assert done.returncode == 0, done.stderr[-3000:]
    yield file, secrets, key, stored.name
    with use(Scope(reach("350825"), "test", "drill")):
        Person.objects.filter(pk=key).delete()
    files.delete(stored.name)


@pytest.fixture(scope="module")
def elsewhere():
    """The environment of a second platform: a server of its own, reached by URL, with roles of other names."""
    folder = Path(tempfile.mkdtemp(prefix="cf-b-"))  # a path the server's own user can walk through
    with _data(folder / "server"):
        secrets = environment.make_secrets()
        postgres.start(secrets)
        place = environment.socket_folder()
        with psycopg.connect(postgres.superuser(secrets), autocommit=True) as connection:
            connection.execute("CREATE ROLE amt_owner LOGIN PASSWORD 'o:w/n@er'")
            connection.execute("CREATE ROLE amt_web LOGIN PASSWORD 'w e%b'")
            connection.execute(
                "CREATE DATABASE amt OWNER amt_owner TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'"
            )

    def url(role: str, password: str) -> str:
        return f"postgresql://{role}:{quote(password, safe='')}@/amt?host={quote(str(place), safe='')}"

    yield {
        "CHUNFENG_DATA": str(folder / "data"),
        "DATABASE_URL": url("amt_web", "w e%b"),
        "DATABASE_OWNER_URL": url("amt_owner", "o:w/n@er"),
        "DATABASE_BACKUP_URL": url("postgres", secrets.passwords["postgres"]),
    }
    with _data(folder / "server"):
        postgres.stop()
    shutil.rmtree(folder)


@contextmanager
def _data(folder: Path):
    """Another platform's folder for what runs in this process."""
    before, os.environ["CHUNFENG_DATA"] = os.environ["CHUNFENG_DATA"], str(folder)
    try:
        yield
    finally:
        os.environ["CHUNFENG_DATA"] = before


def _command(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"PYTHONPATH": str(ROOT / "src")} | environ
    return subprocess.run(
        [sys.executable, "-m", "chunfeng", *arguments],
        env=env, cwd=ROOT, text=True, capture_output=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip


_LOOK = """
import json, sys
from chunfeng.site.upgrade import setup
setup()
from chunfeng.apps.accounts.models import Role
from chunfeng.apps.places.numbers import reach
from chunfeng.apps.places.scope import Scope, use
from chunfeng.apps.registry.models import Person
from chunfeng.apps.vault import files
from django.db import connection
with use(Scope(reach("350825"), "test", "drill")):
    person = Person.objects.get(pk=int(sys.argv[1]))
    told = {"name": person.name, "id18": person.id18, "phone": person.phone,
            "found": Person.objects.filter(id18_index=person.id18_index).count()}
with use(Scope(reach("350821"), "test", "drill")):
    told["next door"] = Person.objects.filter(pk=int(sys.argv[1])).count()
told["file"] = len(files.read(sys.argv[2]))
with connection.cursor() as cursor:
    cursor.execute("SELECT current_user, (SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole)")
    told["role"], told["owns"] = cursor.fetchone()
print(json.dumps(told))
"""


def test_a_backup_comes_back_whole(backed_up, elsewhere):
    file, secrets, key, stored = backed_up
    done = _command("restore", str(file), "--secrets", str(secrets), **elsewhere)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the chain is sound" in done.stdout
    env = os.environ | {"PYTHONPATH": str(ROOT / "src")} | elsewhere
    looked = subprocess.run(
        [sys.executable, "-c", _LOOK, str(key), stored], env=env, cwd=ROOT, text=True, capture_output=True
    )
    assert looked.returncode == 0, looked.stderr[-3000:]
    assert json.loads(looked.stdout) == {
        "name": "林备份", "id18": "350825199001010011", "phone": "16000000001", "found": 1, "next door": 0,
        "file": 9000, "role": "amt_web", "owns": 0,
    }  # fmt: skip

    left = Path(elsewhere["CHUNFENG_DATA"]) / "restore.killed/files/x"  # of a restore that was killed
    left.mkdir(parents=True)
    brought_back = _command("restore", str(file), "--yes", **elsewhere)
    assert brought_back.returncode == 0, brought_back.stdout + brought_back.stderr
    assert not list(Path(elsewhere["CHUNFENG_DATA"]).glob("restore.*"))

    again = _command("restore", str(file), **elsewhere)
    assert again.returncode == 1 and "--yes" in again.stderr  # there are data now

    bound = elsewhere | {"DATABASE_BACKUP_URL": ""}  # the owner is bound by row-level security
    refused = _command("backup", str(file.with_name("third.backup")), **bound)
    assert refused.returncode == 2 and "BYPASSRLS" in refused.stderr
    assert not file.with_name("third.backup").exists()

    with psycopg.connect(environment.from_url(elsewhere["DATABASE_URL"])):  # somebody is at work
        busy = _command("restore", str(file), "--yes", **elsewhere)
    assert busy.returncode == 2 and "in use" in busy.stderr


@pytest.fixture
def named_file():
    """named_file(old) → a new sealed file, named by a run's row in place of the old one, as the rooms do it."""
    from django.db import transaction

    from chunfeng.apps.intake.models import Run
    from chunfeng.apps.places.numbers import place_number, reach
    from chunfeng.apps.places.scope import Scope, use
    from chunfeng.apps.vault import files

    scope = Scope(reach("350825"), "test", "drill")
    with use(scope):
        run = Run.objects.create(place=place_number("350825"), as_of="2023-01-15", state="done")

    def put(old: str = "") -> str:
        name = files.put("runs", [os.urandom(2000)]).name
        with use(scope):
            Run.objects.filter(pk=run.pk).update(kept={"why": name})
            transaction.on_commit(lambda: old and files.delete(old))
        return name

    yield put
    with use(scope):
        kept = Run.objects.get(pk=run.pk).kept
        run.delete()
    for name in kept.values():
        files.delete(name)


def test_a_backup_taken_while_files_come_and_go_has_every_file_it_names(named_file, elsewhere, tmp_path):
    done, count, failure = threading.Event(), 0, []

    def work() -> None:
        nonlocal count
        from django.db import connection

        name = ""
        try:
            while not done.is_set():
                name, count = named_file(name), count + 1
        except Exception as error:
            failure.append(error)
        finally:
            connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        file, secrets = tmp_path / "cf.backup", tmp_path / "secrets.json"
        made = _command("backup", str(file), "--secrets", str(secrets))
    finally:
        done.set()
        worker.join()
    assert not failure and count > 100, "it was busy"
    assert made.returncode == 0, made.stdout + made.stderr
    assert not (Path(os.environ["CHUNFENG_DATA"]) / "backup.held").exists()
    back = _command("restore", str(file), "--secrets", str(secrets), "--yes", **elsewhere)
    assert back.returncode == 0, back.stdout + back.stderr  # it looks for every file that the database names


def test_a_file_that_is_lost_is_told_and_the_rest_is_backed_up(named_file, tmp_path):
    from chunfeng.apps.vault import files

    name = named_file()
    place = files.path_of(name)
    content = place.read_bytes()
    place.unlink()
    made = _command("backup", str(tmp_path / "cf.backup"))
    assert made.returncode == 1 and name in made.stderr and (tmp_path / "cf.backup").exists()
    place.write_bytes(content)


def test_one_backup_at_a_time(platform, tmp_path):
    with held.holding():
        made = _command("backup", str(tmp_path / "cf.backup"))
    assert made.returncode == 2 and "Another backup" in made.stderr


def test_keys_that_came_and_went_while_a_backup_was_made_are_in_its_copy(platform):
    here = environment.load_secrets()
    before = Secrets(**(here.__dict__ | {"fields": {"1": "00" * 16, "2": "11" * 16}}))
    now = Secrets(**(here.__dict__ | {"fields": {"2": "11" * 16, "3": "22" * 16}, "field_key": "3"}))
    both = backup._both(before, now)
    assert (set(both.fields), both.field_key) == ({"1", "2", "3"}, "3")


@pytest.mark.parametrize("breaks", ["off", "cut"])
def test_a_dump_that_breaks_off_leaves_the_database_as_it_was(backed_up, elsewhere, tmp_path, breaks):
    from chunfeng.apps.vault import files

    manifest = archive.unpack(backed_up[0], tmp_path)
    name = Path(manifest.dump).name
    place = files.path_of(name)
    place.parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / manifest.dump).replace(place)
    dump = b"".join(files.chunks(name))
    files.delete(name)

    def pieces():
        yield dump[: len(dump) // 2]
        if breaks == "off":
            raise Unreadable("damaged")

    owner = environment.from_url(elsewhere["DATABASE_OWNER_URL"])
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS stays")
        connection.execute("CREATE TABLE stays AS SELECT 1 AS x")
        with pytest.raises(SetupError):
            clients.load(pieces(), owner, restore._EMPTY)
        assert connection.execute("SELECT x FROM stays").fetchall() == [(1,)]
        clients.load([dump], owner, restore._EMPTY)
        assert connection.execute("SELECT to_regclass('stays')").fetchone() == (None,)


def test_every_column_that_names_a_sealed_file_is_known(platform):
    from django.apps import apps

    from chunfeng.apps.vault import files, naming

    like = {
        field
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.max_length == files.NAME_LENGTH
    }
    assert like and like <= set(naming.columns())


_MASK = """
import argparse, contextlib, os, sys
from chunfeng.site import platform_cli
parser = argparse.ArgumentParser()
platform_cli.add(parser.add_subparsers())
options = parser.parse_args(sys.argv[1:])
with contextlib.suppress(Exception):  # there is no database here
    options.command(options)
print(oct(os.umask(0)))
"""


@pytest.mark.parametrize("line", ["setup", "officer a --name b", "serve", "work", "backup x", "restore x"])
def test_what_commands_write_is_for_their_user_alone(tmp_path, line):
    env = os.environ | {
        "PYTHONPATH": str(ROOT / "src"), "CHUNFENG_DATA": str(tmp_path / "bare"),
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/x", "DATABASE_OWNER_URL": "postgresql://nobody@127.0.0.1:1/x",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", f"import os; os.umask(0o022){_MASK}", *line.split()],
        env=env, cwd=ROOT, text=True, capture_output=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "0o77", done.stderr


def test_the_file_tells_nothing_and_others_cannot_read_it(backed_up):
    file, secrets, *_ = backed_up
    assert file.stat().st_mode & 0o077 == secrets.stat().st_mode & 0o077 == 0
    content = file.read_bytes()
    assert "林备份".encode() not in content and b"PGDMP" not in content
    assert not any(key.encode() in content for key in environment.load_secrets(secrets).fields.values())


def _changed(source: Path, target: Path, change) -> Path:
    """A copy of a backup whose members went through `change(name, content)`; None leaves one out."""
    with tarfile.open(source) as old, tarfile.open(target, "w") as new:
        for info in old:
            content = change(info.name, old.extractfile(info).read())
            if content is not None:
                info.size = len(content)
                new.addfile(info, io.BytesIO(content))
    return target


DAMAGE = {
    "a part with another bit": lambda n, c: c if n == "manifest.json" else c[:-1] + bytes((c[-1] ^ 1,)),
    "a part left out": lambda n, c: c if n == "manifest.json" else None,
    "no manifest": lambda n, c: None if n == "manifest.json" else c,
    "a manifest that is none": lambda n, c: b"[]" if n == "manifest.json" else c,
    "another format": lambda n, c: c.replace(b'"format": 1', b'"format": 9') if n == "manifest.json" else c,
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_backup_is_refused_before_anything_is_touched(backed_up, tmp_path, damage):
    bad = _changed(backed_up[0], tmp_path / "bad", DAMAGE[damage])
    with pytest.raises(SetupError):
        archive.unpack(bad, tmp_path / "out")


def test_a_cut_off_backup_is_refused(backed_up, tmp_path):
    bad = tmp_path / "bad"
    content = backed_up[0].read_bytes()
    bad.write_bytes(content[: len(content) // 2])
    with pytest.raises(SetupError):
        archive.unpack(bad, tmp_path / "out")


@pytest.mark.parametrize(
    "name",
    ["../evil", "/etc/evil", "files/aa/../../evil", "files/aa/x", "files/a/bb/c-" + "0" * 32, "database.sql"],
)
def test_a_part_with_a_foreign_name_is_refused(backed_up, tmp_path, name):
    bad = tmp_path / "bad"
    shutil.copy(backed_up[0], bad)
    with tarfile.open(bad, "w") as tar:
        tar.add(__file__, arcname=name)
    with pytest.raises(SetupError):
        archive.unpack(bad, tmp_path / "out")
    assert not (tmp_path / "evil").exists()


def test_other_secrets_are_refused(backed_up, tmp_path, elsewhere):
    other = tmp_path / "other.json"
    secrets = environment.load_secrets(backed_up[1])
    environment.write_secrets(Secrets(**(secrets.__dict__ | {"fields": {"1": "00" * 16}})), other)
    done = _command("restore", str(backed_up[0]), "--secrets", str(other), "--yes", **elsewhere)
    assert done.returncode == 2 and "not the backup's" in done.stderr


def test_a_restore_that_is_not_done_leaves_the_secrets_that_are_there(backed_up, tmp_path, elsewhere):
    """What stands on the server opens with them alone."""
    mine = tmp_path / "mine.json"
    there = environment.load_secrets(backed_up[1])
    kept = Secrets(**(there.__dict__ | {"fields": {"1": "11" * 16}}))
    environment.write_secrets(kept, mine)
    line = ("restore", str(backed_up[0]), "--secrets", str(backed_up[1]))
    with psycopg.connect(environment.from_url(elsewhere["DATABASE_OWNER_URL"])) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS something ()")
        connection.commit()
        held_open = _command(*line, "--yes", **elsewhere, CHUNFENG_SECRETS=str(mine))
    assert held_open.returncode == 2 and "in use" in held_open.stderr
    not_sure = _command(*line, **elsewhere, CHUNFENG_SECRETS=str(mine))
    assert not_sure.returncode == 1 and "--yes" in not_sure.stderr
    assert environment.load_secrets(mine) == kept and list(tmp_path.glob("mine.before-*")) == []
    done = _command(*line, "--yes", **elsewhere, CHUNFENG_SECRETS=str(mine))
    assert done.returncode == 0, done.stderr
    assert environment.load_secrets(mine).fields == there.fields
    assert [environment.load_secrets(path) for path in tmp_path.glob("mine.before-*")] == [kept]


def test_a_restore_that_breaks_off_gives_the_secrets_back(tmp_path, monkeypatch):
    monkeypatch.setenv("CHUNFENG_SECRETS", str(tmp_path / "mine.json"))
    here = environment.make_secrets()
    theirs = Secrets(**(here.__dict__ | {"fields": {"1": "11" * 16}}))

    def breaks_off() -> None:
        with restore._in_place(here, theirs, True):
            assert environment.load_secrets() == theirs
            assert [environment.load_secrets(path) for path in tmp_path.glob("mine.before-*")] == [here]
            raise SetupError("the load broke off")

    with pytest.raises(SetupError, match="broke off"):
        breaks_off()
    assert environment.load_secrets() == here and len(list(tmp_path.iterdir())) == 1


def test_without_secrets_there_is_no_restore(backed_up, tmp_path):
    bare = {"CHUNFENG_DATA": str(tmp_path / "bare"), "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/x"}
    done = _command("restore", str(backed_up[0]), **bare)
    assert done.returncode == 2 and "--secrets" in done.stderr
