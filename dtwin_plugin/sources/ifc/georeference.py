"""Where a building model says that it stands, and how far that can be trusted.

The levels are those of LoGeoRef (Clemen and Görne 2019): 10 an address, 20 a latitude and longitude, 30 and 40
coordinates in the placement of the site or in the coordinate system of the geometry, 50 a map conversion.

References
----------
Clemen, C., Görne, H. (2019). Level of Georeferencing (LoGeoRef) using IFC for BIM. Journal of Geodesy, Cartography and
Cadastre 10, 15-20. Geonovum (2025). Handreiking GeoBIM georefereren, draft.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data.crs import RD_BOUNDS, RD_NAP
from dtwin_plugin.data.placement import Placement
from dtwin_plugin.errors import translated
from dtwin_plugin.translate import mark

if TYPE_CHECKING:
    from numpy.typing import NDArray

GOOD, DOUBTFUL, NONE = "good", "doubtful", "none"
_ORDER = (NONE, DOUBTFUL, GOOD)

__all__ = ["Finding", "Georeference", "Note", "given", "mark", "within_rd", "worst"]


@dataclass(frozen=True)
class Note:
    """Something to know: a template and its values apart, as of an error.

    >>> str(Note("{count} instances", {"count": 3}))
    '3 instances'
    """

    message: str
    values: dict[str, Any] = field(default_factory=dict)

    def text(self, translate: Callable[[str], str] = str) -> str:
        """Return the sentence in the language of `translate`."""
        message = translate(self.message)
        return message.format(**translated(self.values, translate)) if self.values else message

    def __str__(self) -> str:
        return self.text()


@dataclass(frozen=True)
class Finding:
    """What one place in the file says.

    Attributes
    ----------
    level : int
        LoGeoRef level.
    where : str
        The entity or property set ("IfcMapConversion").
    says : str
        Its values as they stand there.
    placement : Placement or None
        From metres in the model to its CRS, where it says enough for one.
    frame : ndarray or None
        Shape (4, 4): what is done to coordinates [m] before the placement.
    crs, vertical : str or None
        CRS of the placement's result, normalised; the vertical datum as the file names it.
    trust : {"good", "doubtful", "none"}
    notes : tuple of Note
        Why not more, and what was made of it.
    """

    level: int
    where: str
    says: str
    placement: Placement | None = None
    frame: NDArray[np.float64] | None = None
    crs: str | None = None
    vertical: str | None = None
    trust: str = NONE
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class Georeference:
    """What was found in a file, what is used of it, and how far to trust it.

    Attributes
    ----------
    found : tuple of Finding
        All, the highest level first.
    used : Finding or None
        The one that places the model; None if none can.
    notes : tuple of Note
        What contradicts what, and why the position is not trusted.
    """

    found: tuple[Finding, ...] = ()
    used: Finding | None = None
    notes: tuple[Note, ...] = ()

    @property
    def level(self) -> int:
        """The LoGeoRef level that is used; 0 if none can be."""
        return self.used.level if self.used else 0

    @property
    def trust(self) -> str:
        """How far the position can be trusted: "good", "doubtful" or "none"."""
        return self.used.trust if self.used else NONE

    @property
    def placement(self) -> Placement | None:
        """From metres in the model to the CRS."""
        return self.used.placement if self.used else None

    @property
    def crs(self) -> str | None:
        """CRS of the placement's result."""
        return self.used.crs if self.used else None

    @property
    def warnings(self) -> tuple[Note, ...]:
        """All that a user should know."""
        own = self.used.notes if self.used else ()
        return (*own, *(note for note in self.notes if note not in own))

    def place(self, xyz: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return coordinates of the model [m], shape (n, 3), in the CRS of the georeference."""
        if self.used is None or self.used.placement is None:
            return xyz
        if self.used.frame is not None:
            xyz = xyz @ self.used.frame[:3, :3].T + self.used.frame[:3, 3]
        return self.used.placement.apply(xyz)

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain data for JSON."""
        placement = self.placement
        return {
            "level": self.level,
            "trust": self.trust,
            "used": self.used.where if self.used else None,
            "crs": self.crs,
            "vertical": self.used.vertical if self.used else None,
            "position": [placement.x, placement.y, placement.z] if placement else None,
            "rotation": placement.rotation if placement else None,
            "scale": placement.scale if placement else None,
            "found": [
                {
                    "level": finding.level,
                    "where": finding.where,
                    "says": finding.says,
                    "trust": finding.trust,
                    "placement": asdict(finding.placement) if finding.placement else None,
                    "notes": [str(note) for note in finding.notes],
                }
                for finding in self.found
            ],
            "warnings": [str(note) for note in self.warnings],
        }


def given(placement: Placement, notes: tuple[Note, ...] = (), found: tuple[Finding, ...] = ()) -> Georeference:
    """Return the georeference that a user gives; it is trusted."""
    says = f"x {placement.x:.3f}, y {placement.y:.3f}, z {placement.z:.3f}, rotation {placement.rotation:.4f}"
    used = Finding(60, "user", says, placement, None, RD_NAP, "NAP", GOOD, notes)
    return Georeference((used, *found), used)


def within_rd(x: float, y: float) -> bool:
    """Tell whether a point can be one in RD New."""
    return RD_BOUNDS[0] <= x <= RD_BOUNDS[1] and RD_BOUNDS[2] <= y <= RD_BOUNDS[3]


def worst(*trusts: str) -> str:
    """Return the least of some trusts.

    >>> worst("good", "none"), worst()
    ('none', 'good')
    """
    return min(trusts, key=_ORDER.index, default=GOOD)
