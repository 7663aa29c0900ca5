"""Commands of the platform: demo, setup, officer, serve, work, backup, restore, manage. Chinese first."""

from __future__ import annotations

import argparse
import errno
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from psycopg.errors import DiskFull

from chunfeng.site import environment

_DISK = {
    errno.ENOSPC: "磁盘满了，请腾出空间 / the disk is full, make room",
    errno.EDQUOT: "磁盘配额用完了 / the disk quota is used up",
    errno.EROFS: "这个盘只读，请用 CHUNFENG_DATA 指到别处 / this disk is read-only, choose another folder by CHUNFENG_DATA",
    errno.EACCES: "没有权限，请换用户，或用 CHUNFENG_DATA 指到别处"
    " / not permitted: be another user, or choose another folder by CHUNFENG_DATA",
}
_OF_A_SERVER = ("CHUNFENG_HOSTS", "CHUNFENG_PROXY", "DATABASE_OWNER_URL", "DATABASE_BACKUP_URL")


def add(commands: Any) -> None:
    """Add the platform's commands to the parser."""
    _add_demo(commands)

    command = commands.add_parser(
        "setup", help="建好或升级平台的数据库 / make or upgrade the platform's database"
    )
    command.set_defaults(command=_private(_served(_setup)))

    command = commands.add_parser("officer", help="新平台的第一个用户 / the first user of a new platform")
    command.add_argument("username", metavar="USERNAME", help="用户名 / name to sign in with")
    command.add_argument("--name", required=True, help="姓名 / the person's name")
    command.add_argument("--role", default="province_officer", help="角色代码 / code of the role")
    command.add_argument("--region", default="35", help="区划代码 / code of the region")
    command.set_defaults(command=_private(_served(_officer)))

    command = commands.add_parser("serve", help="启动网页服务 / start the web server")
    command.add_argument("--host", default="127.0.0.1", help="监听地址 / address to listen on")
    command.add_argument("--port", type=_port, default=8000, help="端口 / port")
    command.add_argument("--workers", type=int, default=1, help="进程数 / processes")
    command.add_argument("--threads", type=int, default=8, help="每个进程的线程数 / threads of each")
    command.set_defaults(command=_private(_served(_serve)))

    command = commands.add_parser("work", help="启动后台任务 / start the worker")
    command.add_argument(
        "--concurrency",
        type=int,
        default=2,
        help="同时几个运行，另加几件别的 / runs at a time, and as many other jobs",
    )
    command.add_argument(
        "--patience",
        type=float,
        default=600.0,
        metavar="SECONDS",
        help="停止时等在做的任务多久 / how long jobs under way are waited for when stopping",
    )
    command.set_defaults(command=_private(_served(_work)))

    command = commands.add_parser("backup", help="备份平台 / back the platform up")
    command.add_argument("file", type=Path, metavar="FILE", help="备份文件 / file to write")
    command.add_argument(
        "--secrets",
        type=Path,
        metavar="FILE",
        help="密钥另存一份，须与备份分开保管 / a copy of the secrets, to be kept apart",
    )
    command.set_defaults(command=_private(_served(_backup)))

    command = commands.add_parser("restore", help="从备份恢复 / restore from a backup")
    command.add_argument("file", type=Path, metavar="FILE", help="备份文件 / the backup")
    command.add_argument("--secrets", type=Path, metavar="FILE", help="另存的密钥 / the secrets kept apart")
    command.add_argument(
        "--yes", action="store_true", help="覆盖现有数据，不再询问 / overwrite what is there"
    )
    command.set_defaults(command=_private(_served(_restore)))

    command = commands.add_parser("manage", help="Django 的管理命令 / Django's own commands")
    command.add_argument("arguments", nargs=argparse.REMAINDER)
    command.set_defaults(command=_reporting(_manage))


def _add_demo(commands: Any) -> None:
    demo = commands.add_parser(
        "demo", help="演示：样例县全流程，浏览器里用 / the sample county in the browser"
    )
    demo.add_argument(
        "--fresh", action="store_true", help="删去演示数据，从头开始 / remove the data and begin anew"
    )
    demo.add_argument("--yes", action="store_true", help="删除前不询问 / do not ask before removing")
    demo.add_argument(
        "--codes", action="store_true", help="只显示登录名和此刻的动态口令 / only show the sign-ins and codes"
    )
    demo.add_argument("--port", type=_port, default=8000, help="端口 / port")
    demo.add_argument(
        "--county",
        type=Path,
        default=environment.ROOT / "examples/liancheng",
        metavar="FOLDER",
        help="各部门报送的文件夹，默认样例县 / the folder as sent; the sample county by default",
    )
    demo.add_argument(
        "--as-of",
        type=date.fromisoformat,
        default=date(2023, 1, 15),
        metavar="DATE",
        help="基准日 / the date all answers hold for",
    )
    demo.add_argument(
        "--key",
        action="append",
        default=[],
        metavar="NAME=KEYFILE",
        help="令牌名单所用的密钥文件，可重复 / key of a tokenised list",
    )
    demo.set_defaults(command=_private(_demo))


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and 0 < int(text) < 65_536:
        return int(text)
    raise argparse.ArgumentTypeError("端口是 1 到 65535 的数 / a port is a number from 1 to 65535")


def _reporting(command: Callable[[argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
    def reporting(options: argparse.Namespace) -> int:
        try:
            return command(options)
        except environment.SetupError as error:
            print(error, file=sys.stderr)
            return 2
        except OSError as error:
            if error.errno not in _DISK:
                raise
            where = error.filename or environment.data_folder()
            print(f"{_DISK[error.errno]}: {where}", file=sys.stderr)
            return 2
        except Exception as error:
            if not isinstance(error.__cause__, DiskFull):  # what the database's server says
                raise
            print(_DISK[errno.ENOSPC], file=sys.stderr)
            return 2

    return reporting


def _private(command: Callable[[argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
    """What the platform writes, and whatever it starts, is for its own user alone. Django's own commands are left as they
    are: some of them write into the checkout."""
    reporting = _reporting(command)

    def private(options: argparse.Namespace) -> int:
        os.umask(0o077)
        return reporting(options)

    return private


def _served(command: Callable[[argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
    """On a server the database is given, never made here: a URL cut off by the shell must not go unnoticed."""

    def served(options: argparse.Namespace) -> int:
        meant = os.environ.get("CHUNFENG_LOCAL") == "1" or not environment.embedded()
        if not meant and any(os.environ.get(each) for each in _OF_A_SERVER):
            raise environment.SetupError(
                "设了 CHUNFENG_HOSTS、CHUNFENG_PROXY 或 DATABASE_OWNER_URL，却没有 DATABASE_URL。"
                "网址里有 &，在文件里要用单引号括起来（docs/operations.md）。"
                " / This is set up as a server, yet there is no DATABASE_URL; URLs hold &, so quote them."
            )
        return command(options)

    return served


def _demo(options: argparse.Namespace) -> int:
    from chunfeng.site.demo import demo

    return demo(options)


def _setup(options: argparse.Namespace) -> int:
    secrets = environment.make_secrets()
    if environment.embedded():
        from chunfeng.site import postgres

        postgres.start(secrets)
    from chunfeng.site.upgrade import upgrade

    upgrade()
    return 0


def _officer(options: argparse.Namespace) -> int:
    from chunfeng.site.officer import officer

    return officer(options.username, options.name, options.role, options.region)


def _serve(options: argparse.Namespace) -> int:
    from chunfeng.site.serving import serve

    serve(options.host, options.port, options.workers, options.threads)
    return 0


def _work(options: argparse.Namespace) -> int:
    from chunfeng.site.working import work

    work(options.concurrency, options.patience)
    return 0


def _backup(options: argparse.Namespace) -> int:
    from chunfeng.site.backup import backup

    return backup(options.file, options.secrets)


def _restore(options: argparse.Namespace) -> int:
    from chunfeng.site.restore import restore

    return restore(options.file, options.secrets, options.yes)


def _manage(options: argparse.Namespace) -> int:
    from django.core.management import execute_from_command_line

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chunfeng.site.settings")
    execute_from_command_line(["manage", *options.arguments])
    return 0


def run_command(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """A command of the platform in a process of its own; SetupError with its last lines when it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "chunfeng", *arguments],
        env=os.environ | environ,
        text=True,
        capture_output=True,
    )
    if done.returncode:
        last = "\n".join((done.stderr or done.stdout).splitlines()[-15:])
        raise environment.SetupError(f"{arguments[0]} 未成功 / failed:\n{last}")
    return done
