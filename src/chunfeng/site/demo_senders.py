"""Who hands in which of a county's files in the demonstration, and when: a file beside the county's folder, FOLDER.yaml."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from chunfeng.site.environment import SetupError

if TYPE_CHECKING:
    from chunfeng.pipeline.inputs import Input

CLERK = "county_clerk"


@dataclass(frozen=True)
class Sender:
    """An office: a department (`name`, `department`), a `town`, or the labour bureau itself, whose user is there already.

    `files`: patterns of names; `received`: when they came; `as_of`: the day they tell of, None for the run's.
    """

    user: str
    files: tuple[str, ...]
    name: str = ""
    department: str = ""
    town: str = ""
    received: date | None = None
    as_of: date | None = None


@dataclass(frozen=True)
class Story:
    """The senders in order, and the day the demonstration stands on (None: today)."""

    senders: tuple[Sender, ...] = (Sender(CLERK, ("*",)),)
    today: date | None = None

    @property
    def day(self) -> str:
        """That day as the platform's processes are told it; empty for today."""
        return self.today.isoformat() if self.today else ""


def load(folder: Path) -> Story:
    """What the file beside a county's folder says; without one, the labour bureau hands in everything today."""
    path = folder.resolve().with_name(f"{folder.resolve().name}.yaml")
    if not path.is_file():
        return Story()
    import yaml

    try:
        told = yaml.safe_load(path.read_text(encoding="utf-8"))
        senders = [Sender(**each | {"files": tuple(each["files"])}) for each in told["senders"]]
        return Story((*senders, *Story.senders), _day(told.get("today")))
    except (yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise SetupError(
            f"{path} 看不懂：{error}，格式见 examples/liancheng.yaml。 / It cannot be read, see examples/liancheng.yaml."
        ) from error


def _day(told: object) -> date | None:
    if told is not None and not isinstance(told, date):
        raise TypeError(f"today: {told!r}")
    return told


def shares(senders: Sequence[Sender], found: Sequence[Input]) -> dict[Sender, list[Input]]:
    """Each sender's files; a file is of the first one with a pattern that fits its name."""
    given: dict[Sender, list[Input]] = {}
    for item in found:
        fits = (s for s in senders if any(fnmatchcase(item.name, pattern) for pattern in s.files))
        given.setdefault(next(fits), []).append(item)
    return given


def sent_name(sender: Sender, item: Input) -> str:
    """What the file is called when it is sent: the county's folders are not the town's."""
    return PurePath(item.name).name if sender.town else item.name
