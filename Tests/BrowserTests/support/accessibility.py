"""axe-core's check of a page."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe

from .screens import Screen

_axe = Axe()

# Every rule that axe-core has for WCAG 2.0 to 2.2, levels A and AA, and its best practices. None is left out.
_OPTIONS = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}


def violations(screen: Screen) -> list[str]:
    """The violations that axe-core finds: the rule, and each element that breaks it, with the reason."""
    found = _axe.run(screen.page, options=_OPTIONS).response["violations"]
    return [
        f"{rule['id']} ({rule['impact']}): {node['html'][:200]} | {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]
