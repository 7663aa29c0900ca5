"""What is wrong with a rule file: where, what, and the mend. A book with any defect is refused as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Defect:
    """`subject`: the rule, definition, parameter or fact it is about (blank: the file); `what` and `mend`: Chinese / English."""

    file: str
    line: int
    subject: str
    what: str
    mend: str

    def __str__(self) -> str:
        about = f" [{self.subject}]" if self.subject else ""
        return f"{self.file}:{self.line}{about} {self.what}；请改：{self.mend}"


class BookError(ValueError):
    """A catalogue or book that cannot be used; `defects` lists all that was found, in the order of files and lines."""

    def __init__(self, defects: Sequence[Defect]) -> None:
        self.defects = tuple(sorted(set(defects)))
        many = f"规则未采用，共 {len(self.defects)} 处问题 / refused, {len(self.defects)} defects:"
        super().__init__("\n".join([many, *map(str, self.defects)]))


class ConditionError(ValueError):
    """A condition that cannot be used. `at`: 1-based character; the message names it. `mend`: what to write instead."""

    def __init__(self, at: int, what: str, mend: str) -> None:
        self.at, self.what, self.mend = at, what, mend
        super().__init__(f"第{at}字 / character {at}: {what}；请改：{mend}")
