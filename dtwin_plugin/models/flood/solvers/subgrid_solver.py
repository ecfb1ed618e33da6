"""The coarse mode: local inertial flow between large cells that know the fine terrain below them.

The large cells exchange water as those of `solver.InertialSolver` do, with the volumes, areas and conveyances of
`subgrid`. All goes in and comes out on the fine cells: rain, infiltration and sources are gathered, and the depth on
the fine cells is what lies below the water level of the large cell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

import numpy as np

from ...parallel import parallel_kernels, thread_count
from .boundaries import LEVEL, Boundary, edge_kinds
from .flow import LONGEST_STEP, FlowSolver, Sources, check_numbers
from .rates import Rate
from .state import ENDLESS, WALL, State
from .subgrid import build_tables
from .subgrid_water import FineWater, WetRate

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

LAKE = 1e-3  # m, water whose levels differ no more within a coarse cell has one level
FINE_INTERVAL = 20.0  # s, between two looks at all fine cells, where the surface has a memory
FEWEST_ROWS = 64  # rows of coarse cells for one more thread
GRAVITY, STANDING = 9.81, 1.08


class SubgridSolver(FlowSolver):
    """Water over a fine terrain, advanced in time on cells that are `factor` times as large.

    Parameters
    ----------
    terrain, cell_size, roughness, boundary, initial_depth, soil_storage, threads
        As in `InertialSolver`, all of the fine cells. `terrain` is not copied if it is float32.
    factor : int
        Fine cells along a coarse one, 1 to 50.
    courant : float
        Share of the longest stable time step.

    Examples
    --------
    Rain of 10 mm gathers in a pit of 4 fine cells amid 16, all within one coarse cell:

    >>> terrain = np.ones((4, 4))
    >>> terrain[1:3, 1:3] = 0.0
    >>> solver = SubgridSolver(terrain, 0.5, 0.03, factor=4, threads=1)
    >>> solver.advance(100.0, rain=1e-4)
    >>> solver.depth[1].round(6).tolist()
    [0.0, 0.03999999910593033, 0.03999999910593033, 0.0]
    """

    knows_velocity = False

    def __init__(
        self,
        terrain: ArrayLike,
        cell_size: float,
        roughness: ArrayLike,
        *,
        factor: int,
        boundary: Boundary = "closed",
        initial_depth: ArrayLike | None = None,
        soil_storage: ArrayLike | None = None,
        courant: float = 0.5,
        threads: int | None = None,
    ) -> None:
        check_numbers(cell_size=(cell_size, 1e5), courant=(courant, 1.0))
        self._fine = np.asarray(terrain, np.float32)
        self._tables = build_tables(self._fine, roughness, factor)
        self.factor, self.threads = int(factor), thread_count(threads, "calculate flooding")
        storage = None if soil_storage is None else self._gathered(np.asarray(soil_storage, float), limit=True)
        start = None if initial_depth is None else self._start(np.asarray(initial_depth, float))
        state = State(self._tables.lowest, 1.0, start, np.float64, storage)
        super().__init__(state, float(cell_size) * factor)
        self._courant = float(courant)
        level, wet, self._share = (np.full(state.depth.shape, value) for value in (0.0, 1.0, 1.0))
        self._fields = (level, wet, np.zeros((state.depth.shape[0], 5, state.depth.shape[1])))
        self._kernel_tables = (self._tables.cells, self._tables.faces_x, self._tables.faces_y, self._tables.share)
        self._kept: dict[str, tuple[Any, Any]] = {}
        self._storage = None if soil_storage is None else np.asarray(soil_storage, float)
        self._water: FineWater | None = None
        self._padded: tuple[int, NDArray[np.float32], NDArray[np.float32]] | None = None
        deepest = float((self._levels(state.depth)[0] - self._tables.cells[0][:, :, 0])[state.inside].max())
        self._speed = self._wave_speed(deepest)
        self.set_boundary(boundary)

    def set_boundary(self, boundary: Boundary) -> None:
        """Change what happens at the edges, from now on; see `InertialSolver`."""
        kinds, levels = edge_kinds(boundary)
        self._edges = (kinds, np.nan_to_num(levels - self._tables.datum))
        low = self._tables.lowest
        beds = [np.nanmin(side, initial=np.inf) for side in (low[0], low[:, -1], low[-1], low[:, 0])]
        deepest = max([0.0, *(level - bed for level, bed, kind in zip(levels, beds, kinds) if kind == LEVEL)])
        self._edge_speed = self._wave_speed(deepest)

    def _wave_speed(self, depth: float) -> float:
        return STANDING * float(np.sqrt(GRAVITY * max(depth, 0.0)))

    def advance(
        self,
        duration: float,
        rain: ArrayLike | None = None,
        infiltration: ArrayLike | None = None,
        sources: Sources | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> None:
        """Advance by `duration` [s]; rates and sources are of the fine cells. See `FlowSolver.advance`."""
        if sources is not None:
            rows, columns = (np.asarray(places, np.int64).ravel() for places in sources[:2])
            sources = (rows // self.factor, columns // self.factor, sources[2])  # type: ignore[assignment]
        if not self.surface.plain:
            self._fine_rates = (
                Rate(rain, self.shape, np.float32, "The rain"),
                Rate(infiltration, self.shape, np.float32, "The infiltration"),
            )
            self.surface.interval = max(self.surface.interval, FINE_INTERVAL)
        coarse = [
            self._once(name, rate, lambda values: self._gathered(values))
            for name, rate in (("rain", rain), ("infiltration", infiltration))
        ]
        super().advance(duration, coarse[0], coarse[1], sources, should_stop)

    def fixed_arrays(self) -> tuple[NDArray[Any], ...]:
        """What the run stands on and never changes: terrain, and the tables that hold its roughness."""
        return (self._fine, *self._tables.faces_x, *self._tables.faces_y)

    def state_arrays(self) -> dict[str, NDArray[Any]]:
        """As `FlowSolver.state_arrays`, with what the soil of fine cells can still take."""
        found = super().state_arrays()
        if not self.surface.plain and self._fine_water().room.size:
            found["room_fine"] = self._fine_water().room
        return found

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the fine cells."""
        return self._fine.shape[0], self._fine.shape[1]

    @property
    def cell_size(self) -> float:
        """Side of a fine cell [m]."""
        return self._cell_size / self.factor

    @property
    def bed(self) -> NDArray[np.float64]:
        """Height of the fine cells [m], shape (rows, cols); NaN outside the area."""
        return self._fine.astype(float)

    @property
    def padded(self) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
        """Depth and bed of the fine cells [m] with a ring, as of the last step."""
        if self._padded is None or self._padded[0] != self.steps:
            bed = np.pad(np.nan_to_num(self._fine, nan=WALL), 1, constant_values=WALL)
            self._padded = (self.steps, np.pad(np.nan_to_num(self.depth, nan=0.0), 1), bed)
        return self._padded[1], self._padded[2]

    @property
    def discharge_x(self) -> NDArray[np.floating]:
        """NaN for every fine face: the coarse mode knows no discharge there."""
        return np.broadcast_to(np.float32(np.nan), (self._fine.shape[0], self._fine.shape[1] + 1))

    @property
    def discharge_y(self) -> NDArray[np.floating]:
        """NaN for every fine face."""
        return np.broadcast_to(np.float32(np.nan), (self._fine.shape[0] + 1, self._fine.shape[1]))

    @property
    def depth(self) -> NDArray[np.floating]:
        """Water depth on the fine cells [m], shape (rows, cols); NaN outside the area."""
        return self._downscaled(self._state.depth)

    @property
    def max_depth(self) -> NDArray[np.floating]:
        """Largest water depth so far on the fine cells [m], shape (rows, cols); NaN outside the area."""
        return self._downscaled(self._state.largest)

    @property
    def room(self) -> NDArray[np.float64]:
        """What the soil below each fine cell can still take [m]: that of its coarse cell."""
        if self._water is not None and self._water.room.size:
            room = self._water.room[1:-1, 1:-1]
            return np.where(np.isnan(self._fine), np.nan, np.where(room < ENDLESS / 2, room, np.inf))
        coarse = super().room
        rows, columns = self._fine.shape
        fine = coarse.repeat(self.factor, 0).repeat(self.factor, 1)[:rows, :columns]
        return np.where(np.isnan(self._fine), np.nan, fine)

    @property
    def table_bytes(self) -> int:
        """Memory of the tables [bytes]."""
        return self._tables.nbytes

    def _next_steps(self, left: float, rain: float, points: tuple[NDArray, ...]) -> tuple[float, int]:
        """Return the time step [s], courant dx / speed, and 1; for what comes in fast see `STIFF` of the kernels."""
        step = min(LONGEST_STEP, self._courant * self._cell_size / max(self._speed, self._edge_speed, 1e-9))
        return left / int(np.ceil(left / step - 1e-9)), 1

    def _step(self, step: float, count: int, points: tuple[NDArray, ...]) -> None:
        """Take one time step of `step` [s]."""
        from . import subgrid_kernels

        state = self._state
        rows = state.shape[0]
        speeds, flows = np.zeros(rows + 2), np.zeros((rows + 2, 2))
        numbers = (float(step), self._cell_size)
        water, counts = (state.old, state.new), (speeds, flows)
        arguments = (water, self._fields, self._share, self._kernel_tables, self._edges, counts, numbers)
        threads = min(self.threads, max(1, rows // FEWEST_ROWS))
        if threads == 1:
            subgrid_kernels.step_serial(*arguments)
        else:
            with parallel_kernels(threads):
                subgrid_kernels.step_parallel(*arguments)
        state.swap()
        self._pour(points, step)
        self._speed = float(speeds.max())
        came, went = flows.sum(axis=0)
        self._volumes["inflow"] += came
        self._volumes["outflow"] += went

    def _pour(self, points: tuple[NDArray, ...], step: float) -> None:
        """Add the point sources and sinks, each as far as there is water."""
        rows, columns, rates, given = points
        depth = self._state.depth
        for k in range(rates.size):
            added = max(float(rates[k]) * step, -depth[rows[k], columns[k]])
            depth[rows[k], columns[k]] += added
            given[k] += added

    def _vertical(self, fall: Rate, loss: Rate) -> None:
        """Add the rain and take what the surface takes that wait."""
        if fall.seconds <= 0:
            return
        if not self.surface.plain:
            self._vertical_on_fine(fall, loss)
        elif max(fall.pending, loss.pending) > 0:
            wet = self._levels(self._state.depth)[1]
            wet = np.pad(wet / np.maximum(self._tables.share, 1e-9), 1)
            super()._vertical(fall, WetRate(fall, loss, wet))

    def _vertical_on_fine(self, fall: Rate, loss: Rate) -> None:
        """Let the surface take on the fine cells, each of which remembers its own, and gather the change."""
        from .subgrid_table_kernels import gather_change

        fine, state = self._fine_water(), self._state
        fine_fall, fine_loss = self._fine_rates
        fine_fall.wait(fall.seconds)
        fine_loss.wait(fall.seconds)
        for rate in (fall, loss):
            rate.take()  # it waits no longer
        self._downscale(state.depth, 0.0, fine.depth[1:-1, 1:-1])
        before = fine.depth.copy()
        fine.lost[:] = 0.0
        rained, taken = self.surface.take(fine, fine_fall, fine_loss, self.cell_size**2, self.threads)  # type: ignore[arg-type]
        depth = state.depth[1:-1, 1:-1].copy()
        gather_change(fine.depth, before, fine.lost, self.factor, depth)
        short = (
            -float(np.minimum(depth, 0.0).sum()) * self._cell_size**2
        )  # the tables hold a little less than the cells
        np.maximum(depth, 0.0, out=state.depth[1:-1, 1:-1])
        self._volumes["rain"] += rained
        self._volumes["infiltration"] += taken - short
        np.maximum(state.largest, state.depth, out=state.largest)

    def _fine_water(self) -> FineWater:
        """Return the arrays that a surface with a memory works on."""
        if self._water is None:
            self._water = FineWater(self._fine, self._storage)
        return self._water

    def _levels(self, padded: NDArray[np.floating]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the level [m, above the datum] and the wet part of each coarse cell."""
        from .subgrid_table_kernels import levels_of

        level, wet = self._tables.cells[0][:, :, 0].astype(float), np.zeros(self._tables.share.shape)
        tables = (self._tables.cells, self._tables.faces_x, self._tables.faces_y, self._tables.share)
        levels_of(np.ascontiguousarray(padded[1:-1, 1:-1]), tables, level, wet)
        return level, wet

    def _downscaled(self, padded: NDArray[np.floating]) -> NDArray[np.float32]:
        out = np.empty(self._fine.shape, np.float32)
        self._downscale(padded, np.nan, out)
        return out

    def _downscale(self, padded: NDArray[np.floating], outside: float, out: NDArray[np.float32]) -> None:
        from .subgrid_table_kernels import downscale

        levels = self._levels(padded)[0] + self._tables.datum
        inner = np.ascontiguousarray(padded[1:-1, 1:-1])
        downscale(levels, inner, self._fine, self.factor, np.float32(outside), out)

    def _once(self, name: str, values: Any, make: Callable[[Any], Any]) -> Any:
        """Return what is made of an array, kept as long as the same array is given."""
        if values is None or self._kept.get(name, (None, None))[0] is not values:
            self._kept[name] = (values, None if values is None else make(values))
        return self._kept[name][1]

    def _blocks(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return fine values as blocks of coarse cells, shape (rows, cols, fine cells), NaN outside the area."""
        rows, columns = self._tables.share.shape
        factor = self.factor
        full = np.full((rows * factor, columns * factor), np.nan)
        shape = self._fine.shape
        full[: shape[0], : shape[1]] = np.where(np.isnan(self._fine), np.nan, values)
        return full.reshape(rows, factor, columns, factor).swapaxes(1, 2).reshape(rows, columns, -1)

    def _gathered(self, values: ArrayLike, limit: bool = False) -> NDArray[np.float64]:
        """Return the sum over the fine cells of each coarse one as a share of the whole: depths, rates or storage.

        A coarse cell with any fine cell without a limit of storage has none.
        """
        fine = np.asarray(values, float)
        if not fine.ndim:
            if limit and np.isnan(fine):
                return np.full(self._tables.share.shape, np.nan)
            return float(np.nan_to_num(fine)) * self._tables.share.astype(float)
        if limit:
            fine = np.where(np.isnan(fine), np.inf, fine)
        total = np.nansum(self._blocks(fine), axis=2) / self.factor**2
        return np.where(np.isinf(total), np.nan, total) if limit else total

    def _start(self, depth: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the mean depth of coarse cells: of one level where the water has one, else of the volume."""
        from .subgrid_table_kernels import depths_at

        water = self._blocks(np.where(np.nan_to_num(depth) > 0, depth, 0.0))
        bed = self._blocks(self._fine.astype(float) - self._tables.datum)
        levels = np.where(water > 0, bed + water, np.nan)
        with np.errstate(all="ignore"):
            low = np.min(np.where(np.isnan(levels), np.inf, levels), axis=2)
            high = np.max(np.where(np.isnan(levels), -np.inf, levels), axis=2)
            dry = np.min(np.where(water > 0, np.inf, np.where(np.isnan(bed), np.inf, bed)), axis=2)
            lake = (high - low <= LAKE) & (high <= dry + LAKE)
            level = np.where(lake, (low + high) / 2, np.nan)
        mean = np.nansum(water, axis=2) / self.factor**2
        at_level = np.empty(mean.shape)
        tables = (self._tables.cells, self._tables.faces_x, self._tables.faces_y, self._tables.share)
        depths_at(level, tables, at_level)
        return np.where(lake, at_level, mean)
