"""axe-core in a page of Playwright's: what it finds against WCAG 2.2 AA that is serious or critical."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

from playwright.sync_api import Page

TAGS: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa")
# The rules that another colour scheme can break on a page that has passed all of them in one.
OF_COLOURS: Final = ("color-contrast", "link-in-text-block")
_GRAVE: Final = ("serious", "critical")


@dataclass(frozen=True, slots=True)
class Violation:
    rule: str
    impact: str
    selector: str
    markup: str
    why: str

    def __str__(self) -> str:
        return f"{self.rule} ({self.impact}) at {self.selector}\n    {self.markup}\n    {self.why}"


def violations(page: Page, rules: Sequence[str] = ()) -> list[Violation]:
    """Those of the page as it stands, one for each element. `rules`: only these, in place of all of TAGS.

    The page's Content-Security-Policy may stay in force: the script comes through the debugger.
    """
    page.evaluate(_script())
    # Streamlit's page has no height of its own and, under a dialog, no overflow: axe-core would take all of it for hidden.
    page.evaluate("document.documentElement.style.minHeight = '100vh'")
    what = {"type": "rule", "values": list(rules)} if rules else {"type": "tag", "values": list(TAGS)}
    found = page.evaluate(
        "what => axe.run(document, {runOnly: what, resultTypes: ['violations']})"
        ".then(found => ({violations: found.violations, passes: found.passes.length}))",
        what,
    )
    assert found["passes"], "axe-core had nothing to look at"
    return [_violation(rule, node) for rule in found["violations"] for node in rule["nodes"] if _is_grave(node, rule)]


@cache
def _script() -> str:
    return resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


def _is_grave(node: Mapping[str, Any], rule: Mapping[str, Any]) -> bool:
    return (node.get("impact") or rule["impact"]) in _GRAVE


def _violation(rule: Mapping[str, Any], node: Mapping[str, Any]) -> Violation:
    why = "; ".join(str(check["message"]) for check in (*node["any"], *node["all"], *node["none"]))
    selector = " >>> ".join(map(str, node["target"]))
    return Violation(rule["id"], node.get("impact") or rule["impact"], selector, node["html"][:300], why)
