"""axe-core on a page of the browser tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

SCRIPT = next(Path(__file__).parent.glob("axe-core-*")) / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Any, within: str = "html") -> list[str]:
    """What axe finds wrong below a selector, one line for each element; empty when all is well.

    The script comes through the debugger, so the page's own content security policy stays in force. It looks at the page
    from its top: what lies half beneath the bar there at the moment is no small target.
    """
    page.evaluate(SCRIPT.read_text(encoding="utf-8"))
    found = page.evaluate(
        """async ([within, rules]) => {
          const top = scrollY
          scrollTo({top: 0, behavior: "instant"})
          const found = await axe.run(within, {runOnly: rules, resultTypes: ["violations"]})
          scrollTo({top, behavior: "instant"})
          return found
        }""",
        [within, RULES],
    )
    return [
        f"{rule['id']}: {node['html'][:200]} ({node['failureSummary']})"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]
