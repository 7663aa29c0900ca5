"""`./chunfeng why OUT PERSON VACANCY` says why a vacancy is on a person's list or not. Chinese first."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any


def add(commands: Any) -> None:
    """Add `why` to the subcommands of an argument parser."""
    why = commands.add_parser(
        "why", help="一个岗位为何推荐给某人或不推荐 / why a vacancy suits a person or not"
    )
    why.add_argument("out", type=Path, metavar="OUT", help="某次运行的结果文件夹 / a run's results")
    why.add_argument("person", metavar="PERSON", help="人员编号或身份证号 / number or citizen id")
    why.add_argument("vacancy", metavar="VACANCY", help="岗位，文件:工作表:行号 / file:sheet:row")
    why.set_defaults(command=_why)


def _why(options: argparse.Namespace) -> int:
    from chunfeng.pipeline.matching import WhyError, told

    try:
        for line in told(options.out, options.person, options.vacancy):
            print(line)
    except WhyError as error:
        print(str(error), file=sys.stderr)
        return 2
    return 0
