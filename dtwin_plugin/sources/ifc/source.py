"""The source of IFC files."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Extent, Surfaces
from dtwin_plugin.data.crs import in_rd_bounds, is_rd
from dtwin_plugin.data.placement import Placement
from dtwin_plugin.errors import CrsError
from dtwin_plugin.progress import Progress, Silent
from dtwin_plugin.translate import tr

from ..base import SourceInfo
from ..crs import to_rd
from . import georeference as geo
from .build import Builder
from .elements import Storey, attributes, chosen, product_counts, storeys_of
from .georeference import DOUBTFUL, GOOD, Georeference
from .opening import Opened, opened
from .position import georeference as georeference_of
from .shapes import Shape, middle, shapes
from .units import all_length_units, length_unit

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CHUNK = 500  # elements
_FACES = 100_000  # faces in a chunk, so that one with few but heavy elements is no larger
_DESCRIBE = 15.0  # s for shapes while only facts are asked


class IfcSource:
    """Elements of a building model, as surfaces in RD New and m NAP.

    ifcopenshell keeps the file in memory, about ten times its size; shapes are made and passed on in chunks.

    Parameters
    ----------
    path : path
        An .ifc file, or a zip (.ifczip) with one.
    georeference : Placement or Georeference, optional
        Where the model stands, from metres in the model; default what the file says.
    accept_doubtful : bool
        Place the model where the file says too if that is not to be trusted.
    classes : collection of str, optional
        IFC classes to read, with those below them; default all that are tangible.
    storeys : collection of str, optional
        Names of storeys; default all.
    spaces : bool
        Read rooms as well.
    properties : collection of str, optional
        Property sets, or properties as "Pset_WallCommon.IsExternal"; default all standard sets.

    Attributes
    ----------
    found : Georeference or None
        What the last reading found of the position, also where it refused to place the model.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        georeference: Placement | Georeference | None = None,
        accept_doubtful: bool = False,
        classes: Collection[str] | None = None,
        storeys: Collection[str] | None = None,
        spaces: bool = False,
        properties: Collection[str] | None = None,
    ) -> None:
        self.path = Path(path)
        self._given = geo.given(georeference) if isinstance(georeference, Placement) else georeference
        self._accept = accept_doubtful
        self.found: Georeference | None = None
        self._classes, self._storeys, self._spaces, self._properties = classes, storeys, spaces, properties

    def georeference(self, progress: Progress | None = None) -> Georeference:
        """Return what the file says of its position; raises SourceError, FormatError."""
        with opened(self.path, progress or Silent()) as content:
            return self._georeference(content.model, progress or Silent())

    def describe(self, progress: Progress | None = None) -> SourceInfo:
        """Return the facts; shapes are looked at for some seconds, to know the extent.

        Raises
        ------
        SourceError, FormatError
            If it cannot be read or is no IFC.
        MissingDependencyError
            If ifcopenshell is not installed.
        Cancelled
            If the user stops it.
        """
        progress = progress or Silent()
        with opened(self.path, progress) as content:
            model = content.model
            report = self.found = self._georeference(model, progress)
            name, unit = length_unit(model)
            types = product_counts(model)
            levels = storeys_of(model, unit)
            elements = chosen(model, self._classes, self._storeys, self._spaces, levels)
            box, extent, notes = _extent(model, elements, report, progress)
            facts = {
                "schema": content.schema,
                "instances": sum(1 for _ in model),
                "types": dict(sorted(types.items(), key=lambda item: (-item[1], item[0]))),
                "storeys": [str(level) for level in levels.values()],
                "storey_count": len(levels),
                "length_unit": name,
                "length_units": all_length_units(model),
                "georeference": report.as_dict(),
                "extent_local": box,
            }
            warnings = [*map(str, (*content.notes, *report.warnings)), *notes]
            return SourceInfo(
                f"IFC {content.schema}", "surfaces", report.crs, extent, sum(types.values()), facts, tuple(warnings)
            )

    def read(self, extent: Extent | None = None, progress: Progress | None = None) -> Iterator[Surfaces]:
        """Yield chunks of elements in RD New and m NAP; an element is given whole if its box touches the area.

        Raises
        ------
        SourceError, FormatError
            If it cannot be read or is no IFC.
        CrsError
            If the model's position is not known, not to be trusted, or cannot be transformed to RD New.
        Cancelled
            If the user stops it.
        """
        progress = progress or Silent()
        with opened(self.path, progress) as content:
            report = self._georeference(content.model, progress)
            self.found = report
            for note in (*content.notes, *report.warnings):
                progress.warn(note.message, **note.values)
            self._require_trust(report)
            yield from self._chunks(content, report, extent, progress)

    def _georeference(self, model: Any, progress: Progress) -> Georeference:
        if self._given is not None:
            return self._given
        levels = storeys_of(model, 1.0)

        def sample() -> NDArray[np.float64] | None:
            return middle(model, chosen(model, None, None, False, levels), progress)

        return georeference_of(model, sample)

    def _require_trust(self, report: Georeference) -> None:
        if report.trust == GOOD or (report.trust == DOUBTFUL and self._accept):
            return
        reason = " ".join(note.text(tr) for note in report.warnings)
        if report.trust == DOUBTFUL:
            raise CrsError(
                "{file} is not placed, because its position is not to be trusted: {reason}",
                hint="Give two points or a point and a rotation, or accept the doubtful position.",
                file=self.path.name,
                reason=reason,
            )
        raise CrsError(
            "{file} is not placed, because it does not say where it stands: {reason}",
            hint="Give two points, or a point and a rotation.",
            file=self.path.name,
            reason=reason,
        )

    def _chunks(
        self, content: Opened, report: Georeference, extent: Extent | None, progress: Progress
    ) -> Iterator[Surfaces]:
        model = content.model
        levels: dict[int, Storey] = storeys_of(model, length_unit(model)[1])
        elements = chosen(model, self._classes, self._storeys, self._spaces, levels)
        place = _Place(report)
        builder = Builder(model, place, lambda element: attributes(element, levels, self._properties), self.path.stem)
        batch: list[Shape] = []
        made = faces = 0
        for shape in shapes(model, elements, progress):
            made += 1
            if extent is not None and not _touches(place, shape, extent):
                continue
            batch.append(shape)
            faces += len(shape.faces)
            if len(batch) >= _CHUNK or faces >= _FACES:
                found = builder.build(batch)
                batch, faces = [], 0
                if found is not None:
                    yield found
        found = builder.build(batch)
        if found is not None:
            yield found
        if made < len(elements):
            progress.warn("{count} elements of {total} have no shape that can be made; they are left out.",
                          count=len(elements) - made, total=len(elements))  # fmt: skip
        if builder.counts["elements"] or builder.counts["faces"]:
            progress.warn("{elements} elements without faces and {faces} broken faces are left out.",
                          elements=builder.counts["elements"], faces=builder.counts["faces"])  # fmt: skip


class _Place:
    """Coordinates of a model [m] to RD New and m NAP."""

    def __init__(self, report: Georeference) -> None:
        self._report = report

    def __call__(self, xyz: NDArray[np.float64]) -> NDArray[np.float64]:
        placed = self._report.place(xyz)
        crs = self._report.crs
        if not is_rd(crs):
            return to_rd(placed, crs)
        low, high = placed[:, :2].min(axis=0).tolist(), placed[:, :2].max(axis=0).tolist()
        if not in_rd_bounds(*low, *high):
            raise CrsError(
                "The model would lie at x {x:.0f}, y {y:.0f}, outside the Netherlands.",
                hint="Give two points, or a point and a rotation.",
                x=low[0],
                y=low[1],
            )
        return placed


def _touches(place: _Place, shape: Shape, extent: Extent) -> bool:
    if not len(shape.vertices) or not np.isfinite(shape.vertices).all():
        return True  # the builder counts it
    placed = place(_corners(shape.vertices.min(axis=0), shape.vertices.max(axis=0)))
    box = Extent(*placed[:, :2].min(axis=0).tolist(), *placed[:, :2].max(axis=0).tolist())
    return box.intersects(extent)


def _corners(low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.array([(x, y, z) for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])])


def _extent(
    model: Any, elements: list[Any], report: Georeference, progress: Progress
) -> tuple[tuple[float, ...] | None, tuple[float, ...] | None, list[str]]:
    """Return the boxes around the shapes in the model [m] and where they are placed, and what was left out."""
    boxes: tuple[list[Any], list[Any]] = ([], [])
    end, made, notes = time.monotonic() + _DESCRIBE, 0, []
    for shape in shapes(model, elements, progress, merged=False):
        made += 1
        sound = shape.vertices[np.isfinite(shape.vertices).all(axis=1)]
        if len(sound):
            for box, xyz in zip(boxes, (sound, report.place(sound))):
                box += [xyz.min(axis=0), xyz.max(axis=0)]
        if time.monotonic() > end and made < len(elements):
            notes.append(f"The extent is that of the first {made} of {len(elements)} elements.")
            break
    else:
        if made < len(elements):
            notes.append(f"{len(elements) - made} of {len(elements)} elements have no shape that can be made.")
    local, placed = (_box(box) for box in boxes)
    return local, placed if report.trust != geo.NONE else None, notes


def _box(corners: list[Any]) -> tuple[float, ...] | None:
    if not corners:
        return None
    return (*np.min(corners, axis=0).tolist(), *np.max(corners, axis=0).tolist())
