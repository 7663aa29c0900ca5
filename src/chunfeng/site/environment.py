"""Where the platform keeps its data and its secrets, and how it reaches its database.

Everything comes from the environment or from one folder, so that two platforms can live on one machine:

- `CHUNFENG_DATA`: the folder (default `.chunfeng/demo` beside the checkout); embedded database, files as sent, logs.
- `CHUNFENG_WORK`: where a job's files lie open while it works on them (default `work` in that folder).
- `CHUNFENG_SECRETS`: a JSON file (default `secrets.json` in that folder), readable by its owner only.
- `DATABASE_URL`: the server as the web role sees it; without it the embedded server in the folder is meant.
- `DATABASE_OWNER_URL`: the same as the owner of the tables sees it; wanted by `setup`, `backup` and `restore` alone.
- `DATABASE_BACKUP_URL`: for `backup`, a role that row-level security does not bind; without it, the owner.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets as random
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from psycopg.conninfo import make_conninfo

ROOT = Path(__file__).parents[3]
DATABASE = "chunfeng"
OWNER_ROLE, WEB_ROLE = "chunfeng_owner", "chunfeng_web"


class SetupError(RuntimeError):
    """Something the platform needs is missing or unusable; the message says what to do."""


@dataclass(frozen=True)
class Secrets:
    """What must not be known to others. Keys are hexadecimal; `fields` is a ring: number → key, `field_key` names the
    one that new values are encrypted with."""

    django: str
    field_key: str
    fields: dict[str, str]
    index: str
    passwords: dict[str, str] = field(default_factory=dict)


def data_folder() -> Path:
    """The platform's folder; it need not exist yet."""
    return Path(os.environ.get("CHUNFENG_DATA") or ROOT / ".chunfeng/demo").absolute()


def work_folder() -> Path:
    """Where a job's files lie open for as long as it works on them; swept when a worker starts."""
    return Path(os.environ.get("CHUNFENG_WORK") or data_folder() / "work").absolute()


def incoming_folder() -> Path:
    """Where an upload lies, unsealed, while it is being received; the web server makes it when it starts."""
    return data_folder() / "incoming"


def secrets_path() -> Path:
    """The file of secrets; it need not exist yet."""
    return Path(os.environ.get("CHUNFENG_SECRETS") or data_folder() / "secrets.json")


def load_secrets(path: Path | None = None) -> Secrets:
    """Read the secrets (or another file of such). SetupError when there are none, or when others may read them."""
    path = path or secrets_path()
    try:
        mode = path.stat().st_mode
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SetupError(
            f"没有密钥文件 {path}：先运行 ./chunfeng demo 或 ./chunfeng setup。"
            f" / No secrets at {path}: run ./chunfeng demo or ./chunfeng setup first."
        ) from error
    if mode & 0o077:
        raise SetupError(f"密钥文件 {path} 别人也能读：chmod 600。 / Others can read {path}: chmod 600.")
    try:
        return Secrets(**content)
    except TypeError as error:
        raise SetupError(f"{path} 不是密钥文件。 / It is no file of secrets.") from error


def make_secrets() -> Secrets:
    """Make the secrets file unless there is one, and return what it holds."""
    path = secrets_path()
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = Secrets(
            django=random.token_urlsafe(50),
            field_key="1",
            fields={"1": random.token_hex(16)},
            index=random.token_hex(32),
            passwords={role: random.token_urlsafe(24) for role in ("postgres", OWNER_ROLE, WEB_ROLE)},
        )
        write_secrets(fresh)
    return load_secrets()


def write_secrets(secrets: Secrets, path: Path | None = None) -> None:
    """Replace the secrets file (or another one) as a whole, readable by its owner only."""
    path = path or secrets_path()
    new = path.with_suffix(".new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        json.dump(secrets.__dict__, out, indent=1)
        out.flush()
        os.fsync(out.fileno())
    new.replace(path)


def database(role: str, secrets: Secrets) -> dict[str, Any]:
    """Django's settings of the database for a role (WEB_ROLE or OWNER_ROLE)."""
    url = os.environ.get("DATABASE_URL" if role == WEB_ROLE else "DATABASE_OWNER_URL")
    if url:
        return _from_url(url)
    if os.environ.get("DATABASE_URL") and role == OWNER_ROLE:
        raise SetupError(
            "设了 DATABASE_URL 却没有 DATABASE_OWNER_URL：升级、备份要用表的所有者登录。"
            " / DATABASE_URL is set but DATABASE_OWNER_URL is not: migrate and backup log in as the tables' owner."
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": os.environ.get("CHUNFENG_DATABASE", DATABASE),
        "USER": role,
        "PASSWORD": secrets.passwords.get(role, ""),
        "HOST": str(socket_folder()),
        "PORT": "",
    }


def embedded() -> bool:
    """Whether the embedded server is meant."""
    return not os.environ.get("DATABASE_URL")


def web_role() -> str:
    """The name the web role has on the server in use."""
    url = os.environ.get("DATABASE_URL")
    return WEB_ROLE if not url else str(_from_url(url)["USER"])


def conninfo(role: str, secrets: Secrets) -> str:
    """What `database` says, as a connection string of libpq."""
    return _conninfo(database(role, secrets))


def from_url(url: str | None) -> str | None:
    """A connection string for a URL such as `DATABASE_URL`; None for none."""
    return _conninfo(_from_url(url)) if url else None


def _conninfo(wanted: dict[str, Any]) -> str:
    return make_conninfo(
        host=wanted["HOST"] or None,
        port=wanted["PORT"] or None,
        dbname=wanted["NAME"],
        user=wanted["USER"] or None,
        password=wanted["PASSWORD"] or None,
        connect_timeout=10,
        **wanted.get("OPTIONS", {}),
    )


def postgres_folder() -> Path:
    """The embedded server's data."""
    return data_folder() / "postgres"


def socket_folder() -> Path:
    """Where the embedded server listens; a socket's path may have 107 bytes at most, so a long one is shortened."""
    place = data_folder() / "socket"
    if len(os.fsencode(place / ".s.PGSQL.5432")) < 100:
        return place
    return (
        Path(tempfile.gettempdir())
        / f"chunfeng-{os.getuid()}-{hashlib.sha256(os.fsencode(place)).hexdigest()[:16]}"
    )


def _from_url(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise SetupError(
            "DATABASE_URL 应以 postgresql:// 开头。 / DATABASE_URL must begin with postgresql://."
        )
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or DATABASE,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", None) or parts.hostname or "",
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
    }
