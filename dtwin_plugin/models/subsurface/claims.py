"""How much of the ground is taken, by theme and depth, and how far every place lies from what is there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.data import Extent, Features, Grid, Voxels
from dtwin_plugin.data.rasterise import labels
from dtwin_plugin.data.voxels import NO_CLASS
from dtwin_plugin.errors import Cancelled, InputError
from dtwin_plugin.progress import Progress, Silent

from .bodies import Bodies
from .clash import Objects

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

MOST_CELLS = 60_000_000  # 240 MB of distances


@dataclass(frozen=True)
class Block:
    """The cells of a part of the ground.

    Attributes
    ----------
    low : tuple of float
        The lowest corner [m; z in m NAP].
    shape : tuple of int
        Cells along x, y and z.
    step : float
        Side of a cell [m].
    """

    low: tuple[float, float, float]
    shape: tuple[int, int, int]
    step: float

    @classmethod
    def around(cls, extent: Extent, bottom: float, top: float, step: float) -> Block:
        """Return the cells of an area between two heights.

        Raises
        ------
        InputError
            If there are too many.
        """
        sides = (extent.x_max - extent.x_min, extent.y_max - extent.y_min, top - bottom)
        shape = [max(1, int(np.ceil(side / step - 1e-9))) for side in sides]
        if np.prod(shape, dtype=float) > MOST_CELLS:
            raise InputError(
                "The area has {found:.0f} million cells of {step:g} m; at most {most:.0f} million fit.",
                hint="Choose a smaller area, less depth or larger cells.",
                found=np.prod(shape, dtype=float) / 1e6,
                step=step,
                most=MOST_CELLS / 1e6,
            )
        return cls((extent.x_min, extent.y_min, bottom), (shape[0], shape[1], shape[2]), step)

    def finer(self, times: int) -> Block:
        """Return the same part in smaller cells."""
        nx, ny, nz = self.shape
        return replace(self, shape=(nx * times, ny * times, nz * times), step=self.step / times)

    def middles(self, axis: int) -> Floats:
        """Return the middles of the cells along an axis [m]."""
        return self.low[axis] + (np.arange(self.shape[axis]) + 0.5) * self.step


def clearance(
    block: Block,
    bodies: Bodies,
    chosen: NDArray[np.int64],
    most: float,
    doubtful: bool,
    progress: Progress | None = None,
    spread: bool = False,
) -> NDArray[np.float32]:
    """Return how far the middle of each cell lies from the nearest body [m], infinite beyond `most`.

    Parameters
    ----------
    chosen : ndarray
        Numbers of the bodies that count.
    doubtful : bool
        Whether a body counts wherever it may lie. Otherwise it counts where it is drawn, and one of unknown height not
        at all.
    spread : bool
        Whether places all over the cells count instead of their middles, as `claim_kernels.lower_to` tells.

    Raises
    ------
    Cancelled
        If the user stops it.
    """
    from .claim_kernels import lower_to
    from .distances import arrays

    progress = progress or Silent()
    field = np.full(block.shape, np.inf, np.float32)
    boxes, columns, low = bodies.boxes(), arrays(bodies), np.array(block.low)
    for done, number in enumerate(chosen.tolist()):
        if done % 50 == 0:
            if progress.is_cancelled():
                raise Cancelled
            progress.report(done / len(chosen))
        if not doubtful and not bodies.known[number]:
            continue
        shift = (float(bodies.doubt_xy[number]), float(bodies.doubt_z[number])) if doubtful else (0.0, 0.0)
        lower_to(field, low, block.step, columns, boxes[number], number, shift, most, float(spread))
    return field


def claims(
    block: Block,
    present: Objects,
    terrain: Grid | None,
    samples: int,
    inside: NDArray[np.bool_] | None = None,
    progress: Progress | None = None,
) -> Voxels:
    """Return which share of each cell is taken, by theme.

    Parameters
    ----------
    terrain : Grid or None
        Cells above the ground are unknown.
    samples : int
        Places along each side of a cell that are looked at.
    inside : ndarray or None
        bool, shape (x, y): the columns that count.

    Returns
    -------
    Voxels
        The class is the theme that takes most, -1 where nothing does; layers "share_<theme>", "taken" (share taken as
        drawn), "taken_most" (share that may be taken, given the uncertainties) [1], and "depth" of the middle of each
        cell [m]; NaN above the ground or outside.
    """
    progress = progress or Silent()
    themes = sorted(set(present.kinds)) or ["-"]
    of_body = np.array([themes.index(kind) for kind in present.kinds], np.int64)[present.bodies.owner]
    fine = block.finer(samples)
    if np.prod(fine.shape, dtype=float) > MOST_CELLS:
        raise InputError("The area has too many cells.", hint="Choose a smaller area, larger cells or fewer samples.")
    taken = np.zeros(fine.shape, bool)
    layers: dict[str, NDArray[np.float32]] = {}
    for number, theme in enumerate(themes):
        part = clearance(fine, present.bodies, np.flatnonzero(of_body == number), 0.0, False, spread=True) <= 0
        taken |= part
        layers[f"share_{theme}"] = _shares(part, samples)
        progress.report((number + 1) / (len(themes) + 2))
    everything = np.arange(len(present.bodies), dtype=np.int64)
    may = clearance(fine, present.bodies, everything, 0.0, True, progress, spread=True) <= 0
    shares = np.stack([layers[f"share_{theme}"] for theme in themes])
    classes = np.where(shares.max(axis=0) > 0, shares.argmax(axis=0), NO_CLASS).astype(np.int16)
    layers["taken"], layers["taken_most"] = _shares(taken, samples), _shares(may | taken, samples)
    layers["depth"] = depth = _depths(block, terrain)
    outside = ~(depth > 0) if terrain is not None else np.zeros(block.shape, bool)
    if inside is not None:
        outside |= ~inside[:, :, None]
    classes[outside] = NO_CLASS
    for values in layers.values():
        values[outside] = np.nan
    return Voxels(classes, None, *block.low, (block.step,) * 3, tuple(themes), layers=dict(layers))


def columns_inside(area: Features, block: Block) -> NDArray[np.bool_]:
    """Return which columns of cells have their middle within an area, shape (x, y)."""
    nx, ny, _ = block.shape
    cells = Grid(np.zeros((ny, nx), np.float32), block.low[0], block.low[1] + ny * block.step, block.step)
    return (labels(area.geometries, cells) > 0)[::-1].T


def _depths(block: Block, terrain: Grid | None) -> NDArray[np.float32]:
    z = block.middles(2)
    if terrain is None:
        return np.broadcast_to((z.max() + block.step / 2 - z).astype(np.float32), block.shape).copy()
    x, y = np.meshgrid(block.middles(0), block.middles(1), indexing="ij")
    return (terrain.sample(x, y)[:, :, None] - z).astype(np.float32)


def _shares(fine: NDArray[np.bool_], samples: int) -> NDArray[np.float32]:
    """Return the share of the samples of each cell that are true."""
    nx, ny, nz = (size // samples for size in fine.shape)
    return fine.reshape(nx, samples, ny, samples, nz, samples).mean(axis=(1, 3, 5), dtype=np.float32)


def by_depth(found: Voxels, layer: float) -> dict[str, list[float | str]]:
    """Return volumes by depth and theme, as a table.

    Parameters
    ----------
    layer : float
        Thickness of the layers of the table [m].
    """
    depth = found.layers["depth"]
    volume = float(np.prod(found.cell_size))
    known = np.isfinite(found.layers["taken"])
    step = np.where(known, np.floor(depth / layer), -1).astype(np.int64)
    table: dict[str, list[float | str]] = {"theme": [], "depth": [], "volume": [], "share": []}
    for number in range(int(step.max(initial=-1)) + 1):
        here = step == number
        room = float(here.sum()) * volume
        if not room:
            continue
        for theme in (*found.names, "taken", "taken_most"):
            values = found.layers[theme if theme.startswith("taken") else f"share_{theme}"][here]
            full = float(values.sum(dtype=np.float64)) * volume
            if full or theme.startswith("taken"):
                table["theme"].append(theme)
                table["depth"].append(number * layer)
                table["volume"].append(full)
                table["share"].append(100 * full / room)
    return table
