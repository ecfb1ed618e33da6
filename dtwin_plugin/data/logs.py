"""What was found going down at places: boreholes, cone penetration tests, wells, series of levels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.errors import InputError

from . import columns as table
from .features import Features
from .offsets import offsets_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

# kind -> the columns that its rows have at least
KINDS = {
    "borehole": ("top", "bottom", "soil"),  # [m below the surface]; the soil in the words or codes of the source
    "cpt": ("depth", "cone_resistance"),  # [m below the surface, MPa]
    "well": ("tube", "top", "bottom"),  # number of the tube; its screen [m NAP]
    "levels": ("time", "level"),  # moments in UTC; groundwater [m NAP]
    "samples": ("time", "parameter", "value", "unit"),  # composition of groundwater
}


@dataclass(frozen=True)
class Logs:
    """Places with rows that belong to them, such as boreholes with their layers.

    Attributes
    ----------
    kind : str
        A key of `KINDS`.
    sites : Features
        Points (x, y in RD New), with at least the columns "id" (text) and "surface" (height of the ground [m NAP], NaN
        where unknown). A place that is not known is an empty geometry: levels and samples lie in a well that may not be
        there; their site names it in "well" and "tube".
    starts : ndarray
        int64, shape (sites + 1,): site n has rows starts[n] to starts[n + 1]; none is allowed.
    rows : dict of str to ndarray
        One value a row; NaN or None means unknown. Within a site by depth or time. Further names in use: of a "cpt"
        "friction" [MPa], "friction_ratio" [%], "pore_pressure" (u2) [MPa], "inclination" [degree] and
        "penetration_length" [m]; of a "borehole" "lithoclass" (int64 number as in GeoTOP, -1 unknown);
        of "levels" and "samples" "quality", of "levels" "status" and "observation" too: one moment may have several.
    units : dict of str to str
        Unit of a column of the rows, where it has one.

    Examples
    --------
    >>> from dtwin_plugin.data import Geometries
    >>> sites = Features(
    ...     Geometries.points(np.array([[84_000.0, 447_000.0]])),
    ...     {"id": np.array(["B1"], object), "surface": np.array([1.5])},
    ... )
    >>> rows = {"top": np.array([0.0, 0.5]), "bottom": np.array([0.5, 2.0]), "soil": np.array(["Kz", "Zf"], object)}
    >>> logs = Logs("borehole", sites, np.array([0, 2]), rows)
    >>> len(logs), logs.heights("bottom").tolist()
    (1, [1.0, -0.5])
    """

    kind: str
    sites: Features
    starts: NDArray[np.int64]
    rows: dict[str, NDArray[Any]]
    units: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        missing = [name for name in KINDS.get(self.kind, ("a known kind",)) if name not in self.rows]
        missing += [name for name in ("id", "surface") if name not in self.sites.columns]
        if missing:
            raise InputError("Logs of kind {kind} need {missing}.", kind=self.kind, missing=", ".join(missing))
        fits = len(self.starts) == len(self.sites) + 1 and self.starts[0] == 0 and not np.any(np.diff(self.starts) < 0)
        if not fits or any(len(values) != self.starts[-1] for values in self.rows.values()):
            raise InputError("The rows of the logs do not fit their {count} sites.", count=len(self.sites))

    def __len__(self) -> int:
        return len(self.sites)

    @property
    def site_of(self) -> NDArray[np.int64]:
        """The number of the site of each row."""
        return np.repeat(np.arange(len(self.sites), dtype=np.int64), np.diff(self.starts))

    def heights(self, name: str) -> NDArray[np.float64]:
        """Return a column of depths below the surface as heights [m NAP]; NaN where the surface is unknown."""
        surface: NDArray[np.float64] = self.sites.columns["surface"]
        return surface[self.site_of] - self.rows[name]

    def take(self, chosen: NDArray[np.int64]) -> Logs:
        """Return the chosen sites, in the order given, with their rows."""
        counts = np.diff(self.starts)[chosen]
        starts = offsets_of(counts)
        rows = np.repeat(self.starts[chosen] - starts[:-1], counts) + np.arange(starts[-1])
        return replace(
            self,
            sites=self.sites.take(chosen),
            starts=starts,
            rows={name: values[rows] for name, values in self.rows.items()},
        )

    @classmethod
    def concatenate(cls, pieces: Sequence[Logs]) -> Logs:
        """Join logs of one kind; raises InputError where they are of several."""
        kinds = sorted({piece.kind for piece in pieces})
        if len(kinds) != 1:
            raise InputError("Logs of one kind are expected; found {kinds}.", kinds=" and ".join(kinds) or "none")
        counts = np.concatenate([np.diff(piece.starts) for piece in pieces])
        return cls(
            kinds[0],
            Features.concatenate([piece.sites for piece in pieces]),
            offsets_of(counts),
            table.concatenate([piece.rows for piece in pieces], [int(piece.starts[-1]) for piece in pieces]),
            {name: unit for piece in pieces for name, unit in piece.units.items()},
        )
