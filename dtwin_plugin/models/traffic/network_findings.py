"""What is found in a network, with its place and a reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.data.columns import column
from dtwin_plugin.translate import mark, tr

if TYPE_CHECKING:
    from collections.abc import Iterable

DROPPED, WARNING, NOTE = "dropped", "warning", "note"
SHORT, TWICE, LOOP, DEAD_END, ISLAND = "DT341", "DT342", "DT343", "DT344", "DT345"
ONE_WAY, GAP, ZONE, TURN = "DT346", "DT347", "DT348", "DT349"
# code -> severity and reason
_TEXTS = {
    SHORT: (DROPPED, mark("The line has no length, or less than the snapping distance.")),
    TWICE: (DROPPED, mark("The road is there twice: link {other} lies at the same place.")),
    LOOP: (NOTE, mark("The link begins and ends at one node.")),
    DEAD_END: (NOTE, mark("The road ends here.")),
    ISLAND: (WARNING, mark("{count} links of {length} km together have no connection with the rest.")),
    ONE_WAY: (WARNING, ""),
    GAP: (WARNING, mark("The road ends at {distance} m from another one, without a junction.")),
    ZONE: (WARNING, mark("Zone {zone} has no road within {distance} m that it can be connected to.")),
    TURN: (WARNING, mark("The ban on turning from {one} to {two} names no two roads that meet.")),
}
NO_WAY_OUT = mark("{count} links can be reached and not be left: one-way streets lead here and none leads on.")
NO_WAY_IN = mark("{count} links can be left and not be reached: one-way streets begin here and none leads here.")


@dataclass(frozen=True)
class Finding:
    """One finding.

    Attributes
    ----------
    code : str
        As `docs/checks.md` has it.
    x, y : float
        Where it is [m].
    values : dict
        For the reason; "reason" is one of its own in place of that of the code.
    node, link : int
        Numbers in the network; 0 for none.
    source : str
        What the layer calls the road.
    """

    code: str
    x: float
    y: float
    values: dict[str, Any] = field(default_factory=dict)
    node: int = 0
    link: int = 0
    source: str = ""

    @property
    def severity(self) -> str:
        """How bad it is: left out, to be looked at, or good to know."""
        return _TEXTS[self.code][0]

    def reason(self) -> str:
        """Return the reason in the user's language."""
        return tr(self.values.get("reason") or _TEXTS[self.code][1]).format(**self.values)


def features_of(findings: Iterable[Finding], crs: str) -> Features:
    """Return findings as points, the worst first."""
    order = (DROPPED, WARNING, NOTE)
    found = sorted(findings, key=lambda one: (order.index(one.severity), one.code))
    xy = np.array([(one.x, one.y) for one in found], float).reshape(-1, 2)
    rows: dict[str, list[Any]] = {
        "code": [one.code for one in found],
        "severity": [one.severity for one in found],
        "reason": [one.reason() for one in found],
        "node": [one.node for one in found],
        "link": [one.link for one in found],
        "source": [one.source for one in found],
    }
    return Features(Geometries.points(xy), {name: column(values) for name, values in rows.items()}, crs=crs)


def counts_of(findings: Iterable[Finding]) -> Counter[str]:
    """Return how many findings each code has."""
    return Counter(one.code for one in findings)
