"""What is kept of flowing water is what flowed."""

import numpy as np
import pytest

from dtwin_plugin.data import Geometries, Grid
from dtwin_plugin.models.flood.recording.cross_sections import CrossSectionRecorder, faces, staircase
from dtwin_plugin.models.flood.recording.gauges import GaugeRecorder
from dtwin_plugin.models.flood.recording.recorder import MaximaRecorder
from dtwin_plugin.models.flood.solvers.solver import InertialSolver

RAIN = 70e-3 / 3600  # m/s


def channel(slope=0.01, rows=5, columns=60):
    return np.tile(-slope * np.arange(columns), (rows, 1))


def test_uniform_flow_has_the_speed_of_manning():
    # normal depth of q = 0.05 m2/s on n 0.03, S 0.01: h = (q n / sqrt(S))^(3/5), v = q / h
    solver = InertialSolver(channel(), 1.0, 0.03, boundary={"east": "open"})
    kept = MaximaRecorder(0.01, 0.03)
    gauge = GaugeRecorder([2], [40], 30.0)
    solver.recorders += [kept, gauge]
    solver.advance(600, sources=(range(5), [0] * 5, [0.05] * 5))
    depth = (0.05 * 0.03 / 0.1) ** 0.6
    assert gauge.depth[-1, 0] == pytest.approx(depth, rel=0.01)
    assert gauge.speed[-1, 0] == pytest.approx(0.05 / depth, rel=0.01)
    # the largest is that of uniform flow too, but for the front, which may be some faster
    assert kept.speed[2, 40] == pytest.approx(0.05 / depth, rel=0.05)
    assert kept.hazard[2, 40] == pytest.approx(0.05, rel=0.05)


def test_a_front_arrives_later_downstream_and_water_stays_from_then_on():
    solver = InertialSolver(channel(), 1.0, 0.03, boundary={"east": "open"})
    kept = MaximaRecorder(0.05, 0.05, interval=1.0)
    solver.recorders.append(kept)
    solver.advance(300, sources=(range(5), [0] * 5, [0.05] * 5))
    arrival = kept.arrival[2]
    # just behind the front depths ripple from cell to cell, by 2 mm however short the step, but not over two cells
    assert (arrival[2:] >= arrival[:-2]).all() and 1 < arrival[10] < arrival[50] < 120
    # the speed of a kinematic wave is at most 5/3 of that of the water, 0.62 m/s
    assert arrival[50] > 50 / (5 / 3 * 0.65)
    assert kept.duration[2, 10:50] == pytest.approx(300 - arrival[10:50], abs=2.0)


def test_nothing_arrives_where_it_stays_dry_and_walls_have_no_value():
    terrain = np.zeros((20, 20))
    terrain[:, 10] = np.nan
    solver = InertialSolver(terrain, 1.0, 0.03)
    kept = MaximaRecorder(0.05, 0.15)
    solver.recorders.append(kept)
    solver.advance(60, sources=([5], [5], [1.0]))
    assert np.isnan(kept.arrival[:, 10:]).all() and np.isfinite(kept.arrival[5, 5])
    assert (kept.duration[:, 11:] == 0).all() and np.isnan(kept.duration[:, 10]).all()
    assert (kept.speed[:, 11:] == 0).all()


def test_a_run_that_goes_on_is_looked_at_from_there():
    solver = InertialSolver(np.zeros((4, 4)), 1.0, 0.03, initial_depth=np.full((4, 4), 0.2))
    solver.advance(100)
    kept = MaximaRecorder(0.05, 0.15)
    across = CrossSectionRecorder(line((2, 0), (2, 4)), Grid(np.zeros((4, 4)), 0, 4, 1.0), 10.0)
    gauge = GaugeRecorder([1], [1], 10.0)
    solver.recorders += [kept, across, gauge]
    for recorder in solver.recorders:
        recorder.go_on(solver.time)
    solver.advance(50)
    kept.record(solver)
    assert kept.duration.max() == pytest.approx(50) and across.seconds[0] == 100
    assert 100 < gauge.seconds[0] < 120 and gauge.depth[-1, 0] == pytest.approx(0.2)
    assert across.volume[-1, 0] == pytest.approx(0, abs=1e-6)


def test_the_rating_adds_debris_where_water_is_deep():
    solver = InertialSolver(
        np.zeros((3, 3)), 1.0, 0.03, initial_depth=np.array([[0.2, 0.2, 0.2], [0.4] * 3, [0.4] * 3])
    )
    kept = MaximaRecorder(0.05, 0.15, rating=True)
    kept.record(solver)
    # d (0 + 0.5) + DF, with DF 0 up to 0.25 m and 1 above
    assert kept.hazard[:, 0] == pytest.approx([0.1, 1.2, 1.2])


@pytest.mark.parametrize("threads", [1, 2])
def test_what_is_kept_does_not_depend_on_threads(threads):
    terrain = np.random.default_rng(1).uniform(0, 0.3, (50, 70))
    one, many = (MaximaRecorder(0.05, 0.1, threads=count) for count in (1, threads))
    solver = InertialSolver(terrain, 1.0, 0.03)
    solver.recorders += [one, many]
    solver.advance(600, rain=RAIN * 5)
    for name in ("speed", "hazard", "arrival", "duration"):
        assert np.array_equal(getattr(one, name), getattr(many, name), equal_nan=True)


def test_steps_along_a_line_cross_one_face_each_and_end_where_it_ends():
    path = staircase(np.array([[0.2, 0.1], [7.4, 3.2], [2.0, 9.0]]))
    assert (np.abs(np.diff(path, axis=0)).sum(axis=1) == 1).all()
    assert path[0].tolist() == [0, 0] and path[-1].tolist() == [2, 9] and [7, 3] in path.tolist()


def test_a_line_drawn_back_has_the_other_sign():
    path = staircase(np.array([[0.0, 0.0], [4.0, 3.0]]))
    there, back = faces(path, (9, 9)), faces(path[::-1], (9, 9))
    assert sorted(there[0][2]) == sorted(-back[0][2]) and there[0][2].sum() == -back[0][2].sum()
    assert there[1][2].sum() == -back[1][2].sum()


def line(*points):
    return Geometries.build("line", [[[points]]])


@pytest.mark.parametrize("interval", [1.0, 60.0])
def test_across_a_closed_line_flows_what_the_volume_inside_changes(interval):
    # a dam that breaks on rough ground; the ring is 20 by 20 cells around the middle
    terrain = np.random.default_rng(2).uniform(0, 0.1, (60, 60))
    depth = np.zeros((60, 60))
    depth[25:35, 25:35] = 1.0
    solver = InertialSolver(terrain, 2.0, 0.03, initial_depth=depth)
    grid = Grid(terrain, 0, 120, 2.0)
    ring = line((40, 40), (80, 40), (80, 80), (40, 80), (40, 40))  # counter-clockwise: inside lies left
    kept = CrossSectionRecorder(ring, grid, interval)
    solver.recorders.append(kept)
    before = float(np.nansum(solver.depth[20:40, 20:40])) * 4
    solver.advance(120)
    kept.close()
    left = before - float(np.nansum(solver.depth[20:40, 20:40])) * 4
    # float32 rounding of the depths is all that differs
    assert kept.volume[-1, 0] == pytest.approx(left, rel=1e-6)
    total = (kept.discharge[1:, 0] * np.diff(kept.seconds)).sum()
    assert total == pytest.approx(kept.volume[-1, 0], rel=1e-9)


def test_across_a_channel_flows_what_comes_in():
    solver = InertialSolver(channel(), 1.0, 0.03, boundary={"east": "open"})
    grid = Grid(channel(), 0, 5, 1.0)
    lines = Geometries.concatenate([line((30, -10), (30, 15)), line((33, 6), (28, -1)), line((-9, -9), (-5, -9))])
    kept = CrossSectionRecorder(lines, grid, 60.0)
    solver.recorders.append(kept)
    solver.advance(600, sources=(range(5), [0] * 5, [0.05] * 5))
    # 5 x 0.05 m3/s to the east: over a line to the north from left to right, the next back, the last lies outside
    assert kept.discharge[-1] == pytest.approx([0.25, -0.25, 0.0], abs=1e-3)
    assert kept.length.tolist() == [5.0, 10.0, 0.0]
    assert kept.seconds[:2] == pytest.approx([0, 60], abs=2)
