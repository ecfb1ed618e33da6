"""The source of design models."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Extent, Geometries, Surfaces
from dtwin_plugin.data.crs import in_rd_bounds
from dtwin_plugin.data.offsets import offsets_of
from dtwin_plugin.data.placement import Placement
from dtwin_plugin.data.surfaces import UNKNOWN
from dtwin_plugin.errors import CrsError, FormatError, SourceError
from dtwin_plugin.progress import Progress, Silent
from dtwin_plugin.translate import mark

from ..base import SourceInfo
from ..lfs import refuse_pointer
from ..stop import stop_if_asked
from .group import Group
from .obj import read_obj
from .packed import read_packed

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CHUNK = 100_000  # faces
_FARTHEST = 1e8  # units of the file: 100 km in millimetres
_FLOAT32 = 2.0**17  # from here on float32 has steps of 1/64 and more
_TITLES = {"obj": "OBJ", "glb": "glTF 2.0 (binary)", "gltf": "glTF 2.0", "ply": "PLY", "stl": "STL"}
_UP = {"obj": "z", "ply": "z", "stl": "z", "glb": "y", "gltf": "y"}


class MeshSource:
    """Faces of a design model, in RD New and m NAP.

    The file is in memory, about five times its size; faces are passed on in chunks.

    Parameters
    ----------
    path : path
        An .obj, .gltf, .glb, .ply or .stl file.
    placement : Placement, optional
        Where the model stands, its scale and its up axis. Without it coordinates must be in RD already.
    """

    def __init__(self, path: str | Path, *, placement: Placement | None = None) -> None:
        self.path = Path(path)
        self._placement = placement

    def describe(self, progress: Progress | None = None) -> SourceInfo:
        """Return the facts, in the file's own units and axes.

        Raises
        ------
        SourceError, FormatError
            If it cannot be read or is not what its format should be.
        Cancelled
            If the user stops it.
        """
        kind, groups = self._groups(progress or Silent())
        sound = [group.vertices[_sound(group.vertices)] for group in groups]
        boxes = [(xyz.min(axis=0), xyz.max(axis=0)) for xyz in sound if len(xyz)]
        extent = None
        if boxes:
            low, high = np.min([box[0] for box in boxes], axis=0), np.max([box[1] for box in boxes], axis=0)
            extent = (*low.tolist(), *high.tolist())
        facts: dict[str, Any] = {
            "faces": sum(len(group.faces) for group in groups),
            "vertices": sum(len(group.vertices) for group in groups),
            "groups": [group.name for group in groups[:100] if group.name],
            "materials": sorted({group.material for group in groups if group.material})[:100],
            "up_axis": _UP[kind],
        }
        warnings = [message.format(**values) for message, values in self._warnings(kind, groups)]
        return SourceInfo(_TITLES[kind], "surfaces", None, extent, len(groups), facts, tuple(warnings))

    def read(self, extent: Extent | None = None, progress: Progress | None = None) -> Iterator[Surfaces]:
        """Yield chunks of faces, a row of attributes for each group.

        Raises
        ------
        SourceError, FormatError
            If it cannot be read or is not what its format should be.
        CrsError
            If the model has no placement and its coordinates are not in RD.
        Cancelled
            If the user stops it.
        """
        progress = progress or Silent()
        kind, groups = self._groups(progress)
        for message, values in self._warnings(kind, groups):
            progress.warn(message, **values)
        placement = self._placement or self._own_place(groups)
        left_out = done = 0
        total = max(1, sum(len(group.faces) for group in groups))
        for number, group in enumerate(groups):
            for start in range(0, len(group.faces), _CHUNK):
                stop_if_asked(progress)
                found, lost = _surfaces(group, number, start, placement, extent, self.path.stem)
                left_out += lost
                done += min(_CHUNK, len(group.faces) - start)
                progress.report(done / total, "{count} of {total} faces", count=done, total=total)
                if found is not None:
                    yield found
        if left_out:
            progress.warn("{count} faces without usable coordinates are left out.", count=left_out)

    def _groups(self, progress: Progress) -> tuple[str, list[Group]]:
        head = _head(self.path)
        refuse_pointer(head, self.path.name)
        kind = _kind(head, self.path)
        groups = (
            read_obj(self.path, progress) if kind == "obj" else read_packed(self.path, self.path.read_bytes(), kind)
        )
        if not groups:
            raise FormatError("{file} has no faces.", hint="Export it with its surfaces.", file=self.path.name)
        return kind, groups

    def _own_place(self, groups: list[Group]) -> Placement:
        """Return no change for coordinates that can be RD."""
        xyz = np.concatenate([group.vertices[_sound(group.vertices)] for group in groups])
        if len(xyz):
            (x_min, y_min), (x_max, y_max) = xyz[:, :2].min(axis=0).tolist(), xyz[:, :2].max(axis=0).tolist()
            if in_rd_bounds(x_min, y_min, x_max, y_max):
                return Placement()
        raise CrsError(
            "{file} does not say where it stands, and its coordinates are not in RD.",
            hint="Give the point in RD and NAP where its zero point lands, its rotation, scale and up axis.",
            file=self.path.name,
        )

    def _warnings(self, kind: str, groups: list[Group]) -> Iterator[tuple[str, dict[str, Any]]]:
        largest = max((float(np.abs(g.vertices[_sound(g.vertices)]).max(initial=0.0)) for g in groups), default=0.0)
        if kind != "obj" and largest > _FLOAT32:
            step = float(np.spacing(np.float32(largest)))
            message = mark("Coordinates as large as {largest:.0f} are kept in 32 bits: they are rounded to {step:.3g}, "
                           "so the model is coarser than it was drawn.")  # fmt: skip
            yield message, {"largest": largest, "step": step}
        bad = sum(int((~_sound(group.vertices)).sum()) for group in groups)
        if bad:
            yield mark("{count} vertices have no usable coordinates; their faces are left out."), {"count": bad}


def up_axis(path: Path) -> str:
    """Return the axis that points up by custom of the format of a file.

    Raises
    ------
    SourceError, FormatError
        If it cannot be read or is no model.
    """
    return _UP[_kind(_head(path), path)]


def _head(path: Path) -> bytes:
    """Return the first bytes of a file."""
    try:
        with path.open("rb") as stream:
            return stream.read(4096)
    except FileNotFoundError:
        raise SourceError("{file} does not exist.", hint="Check the path.", file=str(path)) from None
    except OSError as error:
        raise SourceError("{file} cannot be read: {reason}.", file=path.name, reason=error) from error


def _kind(head: bytes, path: Path) -> str:
    """Return which format it is, by its first bytes and else its name."""
    if not head.strip():
        raise FormatError("{file} is empty.", hint="Download or export it again.", file=path.name)
    if head[:4] == b"glTF":
        return "glb"
    if re.match(rb"ply[ \t]*[\r\n]", head):
        return "ply"
    suffix = path.suffix.lower().lstrip(".")
    if suffix in ("obj", "stl", "gltf"):
        return suffix
    if head.lstrip()[:1] == b"{":
        return "gltf"
    raise FormatError(
        "{file} is no design model that is read here; read are OBJ, glTF, GLB, PLY and STL.",
        hint="Export it in one of these formats.",
        file=path.name,
    )


def _sound(xyz: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which vertices have coordinates that can be."""
    with np.errstate(invalid="ignore"):
        result: NDArray[np.bool_] = (np.abs(xyz) < _FARTHEST).all(axis=1)  # NaN compares False
    return result


def _surfaces(
    group: Group, number: int, start: int, placement: Placement, extent: Extent | None, name: str
) -> tuple[Surfaces | None, int]:
    """Return some faces of a group that touch the area, and how many were left out for their coordinates."""
    faces = group.faces[start : start + _CHUNK]
    counts = np.fromiter(map(len, faces), np.int64, len(faces))
    flat = np.asarray(faces).reshape(-1) if isinstance(faces, np.ndarray) else np.fromiter(chain(*faces), np.int64)
    ends = np.cumsum(counts)
    # close each ring: after its last corner comes its first again
    closed = np.insert(flat, ends, flat[ends - counts])
    rings = offsets_of(counts + 1)
    one = np.arange(len(faces) + 1, dtype=np.int64)
    use = np.logical_and.reduceat(_sound(group.vertices)[closed], rings[:-1])
    with np.errstate(invalid="ignore", over="ignore"):
        shapes = Geometries("polygon", placement.apply(group.vertices)[closed], rings, one, one)
    lost = int((~use).sum())
    if extent is not None:
        box = shapes.bounds()
        use &= (box[:, 0] <= extent.x_max) & (box[:, 2] >= extent.x_min)
        use &= (box[:, 1] <= extent.y_max) & (box[:, 3] >= extent.y_min)
    if not use.any():
        return None, lost
    shapes = shapes.take(np.flatnonzero(use))
    columns = {
        "id": [group.name or f"{name}-{number + 1}"],
        "type": ["DesignModel"],
        "lod": [""],
        "parent": [None],
        "material": [group.material],
        "colour": [group.colour],
    }
    rows = {key: np.array(value, object) for key, value in columns.items()}
    count = len(shapes)
    return Surfaces(shapes, np.full(count, UNKNOWN, object), np.zeros(count, np.int64), rows, name=name), lost
