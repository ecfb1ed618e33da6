"""The tree of depressions and how rain fills it, against water that is moved about pool by pool."""

import heapq

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtwin_plugin.errors import Cancelled, InputError
from dtwin_plugin.models.flood.scan.depressions import catchments, depressions_of, fill
from dtwin_plugin.progress import Silent

BESIDE = [(-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1)]


def beside(z, cell):
    for down, right in BESIDE:
        other = cell[0] + down, cell[1] + right
        yield other if 0 <= other[0] < z.shape[0] and 0 <= other[1] < z.shape[1] and z[other] == z[other] else None


def pit_of(z, cell, closed):
    """Follow the steepest way down; None = out of the area."""
    while True:
        falls = [
            ((z[cell] - z[other]) / (2**0.5 if k % 2 else 1.0), -k, other)
            for k, other in enumerate(beside(z, cell))
            if other is not None and z[other] < z[cell]
        ]
        if not falls:
            return None if not closed and None in list(beside(z, cell)) else cell
        cell = max(falls)[2]


def lake_of(z, pits, closed):
    """Let a lake rise from some pits until it spills: its cells, its level and what is beyond the pass (None = out)."""
    lake, edge, seen, level = [], [(z[p], p) for p in pits], set(pits), -np.inf
    heapq.heapify(edge)
    while edge:
        height, cell = heapq.heappop(edge)
        if height < level and cell not in pits:
            return lake, level, cell
        level = max(level, height)
        if not closed and None in list(beside(z, cell)):
            return lake, level, None
        lake.append(cell)
        for other in beside(z, cell):
            if other is not None and other not in seen:
                seen.add(other)
                heapq.heappush(edge, (z[other], other))
    return lake, np.inf, None


def moved_about(z, runoff, closed):
    """Return the depth and what leaves: pools spill one by one, and two that spill into each other become one."""
    water, left = {}, 0.0
    for cell in zip(*np.nonzero(~np.isnan(z))):
        pit = pit_of(z, cell, closed)
        if pit is None:
            left += runoff
        else:
            water[frozenset([pit])] = water.get(frozenset([pit]), 0.0) + runoff
    target = {}
    while over := spilling(z, water, closed):
        pool, excess, beyond = over
        pit = None if beyond is None else pit_of(z, beyond, closed)
        if pit is None:
            water[pool] -= excess
            left += excess
            continue
        into = next(p for p in water if pit in p)
        assert into != pool
        if target.get(into) == pool and full(z, into, water[into], closed):
            water[pool | into] = water.pop(pool) + water.pop(into)
            continue
        target[pool] = into
        water[pool] -= excess
        water[into] += excess
    return depth_of(z, water, closed), left


def spilling(z, water, closed):
    """Return a pool that holds too much, by how much, and what is beyond its pass; None if there is none."""
    for pool, amount in water.items():
        lake, level, beyond = lake_of(z, pool, closed)
        room = sum(level - z[c] for c in lake)
        if amount > room + 1e-9:
            return pool, amount - room, beyond
    return None


def depth_of(z, water, closed):
    """Return the depth of pools that hold some water."""
    depth = np.where(np.isnan(z), np.nan, 0.0)
    for pool, amount in water.items():
        lake = lake_of(z, pool, closed)[0]
        cells = sorted(z[c] for c in lake)
        for k in range(1, len(cells) + 1):
            level = (amount + sum(cells[:k])) / k
            if k == len(cells) or level <= cells[k]:
                break
        for c in lake:
            depth[c] = max(depth[c], level - z[c])
    return depth


def full(z, pool, amount, closed):
    lake, level, _ = lake_of(z, pool, closed)
    return amount >= sum(level - z[c] for c in lake) - 1e-9


@st.composite
def terrains(draw):
    """Heights that all differ, some cells without."""
    rows, columns = draw(st.integers(1, 7)), draw(st.integers(1, 7))
    order = draw(st.permutations(range(rows * columns)))
    z = np.array(order, float).reshape(rows, columns)
    holes = draw(st.lists(st.integers(0, rows * columns - 1), max_size=4))
    z.ravel()[holes] = np.nan
    if np.isnan(z).all():
        z[0, 0] = 1.0
    return z + np.sin(z) * 0.3  # no steps of one size, so that no two slopes are alike


@given(terrains(), st.sampled_from([0.01, 0.5, 2.0, 5.0, 30.0]), st.booleans())
def test_the_water_stands_where_pools_that_are_moved_about_leave_it(z, runoff, closed):
    found = fill(depressions_of(z, closed=closed), runoff)
    z32 = z.astype(np.float32).astype(float)
    depth, left = moved_about(z32, runoff, closed)
    assert found.left == pytest.approx(left, abs=1e-6)
    np.testing.assert_allclose(found.depth, depth, atol=2e-5)
    assert found.error < 1e-12


@given(st.integers(0, 2**31), st.sampled_from([0.0, 1e-5, 0.02, 0.3, 3.0]), st.integers(2, 60))
def test_mass_is_kept_and_no_depth_is_negative(seed, runoff, size):
    z = np.random.default_rng(seed).normal(size=(size, size + 3)).round(1)
    found = fill(depressions_of(z), runoff)
    assert found.error < 1e-12
    assert (found.depth >= 0).all()
    assert found.depth.sum(dtype=float) == pytest.approx(found.stored, rel=1e-6, abs=1e-9)


@pytest.fixture(scope="module")
def rough():
    from scipy.ndimage import gaussian_filter

    random = np.random.default_rng(4)
    z = 3 * gaussian_filter(random.normal(size=(300, 230)), 8) + 0.02 * random.normal(size=(300, 230))
    return z.astype(np.float32)


@pytest.mark.parametrize("turn", [np.flipud, np.fliplr, np.transpose, np.rot90], ids=lambda turn: turn.__name__)
def test_a_terrain_that_is_turned_holds_its_water_where_it_was(rough, turn):
    one, other = fill(depressions_of(rough), 0.04), fill(depressions_of(np.ascontiguousarray(turn(rough))), 0.04)
    np.testing.assert_allclose(turn(one.depth), other.depth, atol=1e-6)
    assert one.left == pytest.approx(other.left)


def test_rain_without_end_fills_all_up_to_a_priority_flood(rough):
    level = np.full(rough.shape, np.inf)
    queue = [(rough[r, c], r, c) for r in range(300) for c in range(230) if r in (0, 299) or c in (0, 229)]
    for height, row, column in queue:
        level[row, column] = height
    heapq.heapify(queue)
    while queue:
        height, row, column = heapq.heappop(queue)
        for other in beside(rough, (row, column)):
            if other and level[other] == np.inf:
                level[other] = max(height, rough[other])
                heapq.heappush(queue, (level[other], *other))
    found = fill(depressions_of(rough), 1e4)
    np.testing.assert_allclose(found.depth, level - rough, atol=1e-6)


def test_each_cell_is_counted_where_its_water_leaves(rough):
    found = depressions_of(rough)
    flow, upstream = catchments(found)
    leaves = found.inner(flow) == 8
    assert upstream[leaves].sum() == rough.size and not (found.inner(flow) > 8).any()


def test_in_a_closed_area_all_reaches_the_deepest_pit(rough):
    found = depressions_of(rough, closed=True)
    flow, upstream = catchments(found)
    assert (found.inner(flow) == 9).sum() == 1 and upstream.max() == rough.size
    assert upstream.argmax() == rough.argmin()


def test_the_chain_of_a_thousand_pits_in_one_bowl_is_climbed():
    across = np.abs(np.arange(4001) - 2000.0) / 100
    z = np.vstack([across + 0.5 * (np.arange(4001) % 2)] * 3)
    found = fill(depressions_of(z, closed=True), 0.4)
    assert found.error < 1e-12
    assert np.median(found.depth[0, 1990:2010]) > 5 * np.median(found.depth[0, :1000])


def test_a_lake_bed_of_one_height_is_one_pit():
    z = np.full((50, 60), 1.0)
    z[10:40, 10:50] = 0.0
    found = depressions_of(z)
    assert len(found.pits) == 1 and found.room[1] == 1200 and found.spill[1] == 1.0


def test_walls_hold_water_at_an_open_edge():
    z = np.array([[np.nan, np.nan, np.nan], [1.0, 0.0, 1.0], [1.0, 0.0, 1.0], [1.0, 2.0, 1.0]])
    walls = np.isnan(z)
    assert fill(depressions_of(z), 1.0).depth[1, 1] == 0
    held = np.pad(z, ((0, 0), (1, 1)), constant_values=3.0)
    assert fill(depressions_of(held, walls=np.pad(walls, ((0, 0), (1, 1)))), 1.0).depth[1, 2] > 0.9


def test_what_cannot_be_scanned_is_refused():
    with pytest.raises(InputError, match="at least one height"):
        depressions_of([[np.nan]])
    with pytest.raises(InputError, match="0 m or more; found -1"):
        fill(depressions_of([[1.0, 2.0]]), -1.0)
    with pytest.raises(InputError, match="shape"):
        fill(depressions_of([[1.0, 2.0]]), np.zeros((3, 3)))


def test_a_scan_stops_when_the_user_wants():
    class Stopped(Silent):
        def is_cancelled(self):
            return True

    with pytest.raises(Cancelled):
        depressions_of([[1.0, 2.0]], progress=Stopped())
