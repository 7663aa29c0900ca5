"""Commands of the platform: setup, serve, manage."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from typing import Any

from chunfeng.site import environment


def add(commands: Any) -> None:
    """Add the platform's commands to the parser."""
    command = commands.add_parser(
        "setup", help="建好或升级平台的数据库 / make or upgrade the platform's database"
    )
    command.set_defaults(command=_reporting(_setup))

    command = commands.add_parser("serve", help="启动网页服务 / start the web server")
    command.add_argument("--host", default="127.0.0.1", help="监听地址 / address to listen on")
    command.add_argument("--port", type=int, default=8000, help="端口 / port")
    command.add_argument("--workers", type=int, default=1, help="进程数 / processes")
    command.add_argument("--threads", type=int, default=8, help="每个进程的线程数 / threads of each")
    command.set_defaults(command=_reporting(_serve))

    command = commands.add_parser("manage", help="Django 的管理命令 / Django's own commands")
    command.add_argument("arguments", nargs=argparse.REMAINDER)
    command.set_defaults(command=_reporting(_manage))


def _reporting(command: Callable[[argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
    def reporting(options: argparse.Namespace) -> int:
        try:
            return command(options)
        except environment.SetupError as error:
            print(error, file=sys.stderr)
            return 2

    return reporting


def _setup(options: argparse.Namespace) -> int:
    secrets = environment.make_secrets()
    if "DATABASE_URL" not in os.environ:
        from chunfeng.site import postgres

        postgres.start(secrets)
    from chunfeng.site.upgrade import upgrade

    upgrade()
    return 0


def _serve(options: argparse.Namespace) -> int:
    from chunfeng.site.upgrade import setup

    setup()
    from django.core.management import call_command
    from granian import Granian
    from granian.constants import Interfaces

    call_command("collectstatic", interactive=False, verbosity=0)
    Granian(
        "chunfeng.site.wsgi:application",
        address=options.host,
        port=options.port,
        interface=Interfaces.WSGI,
        workers=options.workers,
        blocking_threads=options.threads,
        log_enabled=False,
    ).serve()
    return 0


def _manage(options: argparse.Namespace) -> int:
    from django.core.management import execute_from_command_line

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chunfeng.site.settings")
    execute_from_command_line(["manage", *options.arguments])
    return 0
