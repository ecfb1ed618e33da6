"""Noise of installations: as a formula says in the open, less behind a house, and by when they run."""

import numpy as np
import pytest

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.errors import Cancelled, InputError
from dtwin_plugin.models.checks import check
from dtwin_plugin.models.noise.air import absorption
from dtwin_plugin.models.noise.bands import A_WEIGHTING, BANDS, total
from dtwin_plugin.models.noise.calculation import site_of
from dtwin_plugin.models.noise.installation_model import INSTALLATION_NOISE
from dtwin_plugin.models.noise.installations import SPECTRA, Sources, levels_from, sources_of, unusable
from dtwin_plugin.models.noise.source_shapes import parts_of
from dtwin_plugin.models.noise.transfer import Paths, levels_of, transfer_of
from dtwin_plugin.progress import Silent

from .sites import X, Y, given, houses, lines, places, terrain

ALWAYS = np.full(3, 100.0)


def points(*xy, **columns):
    shapes = Geometries.points(np.array([(X + x, Y + y) for x, y in xy], float).reshape(-1, 2))
    return Features(shapes, {name: np.array(values) for name, values in columns.items()})


def values(**changed):
    found = {field.name: field.default for field in INSTALLATION_NOISE.inputs}
    one = points((200, 200), lwa=[90.0])
    return {**found, "sources": one, "terrain": terrain(), "wanted": {"points", "summary"}, **changed}


def run(progress=None, **changed):
    return INSTALLATION_NOISE.run(values(**changed), progress or Silent())


def codes(**changed):
    return {problem.code: problem.text() for problem in check(INSTALLATION_NOISE, values(**changed))}


@pytest.mark.parametrize("away", [10.0, 20.0, 40.0])
def test_in_the_open_over_paving_it_is_the_formula_of_a_point_source(away):
    """Lp = Lw - 20 lg d - 11 + 3 dB of hard ground; air takes less than 0.2 dB of low pitch in 40 m."""
    made = run(receivers=places((200 + away, 200)), softness=0.0, receiver_height=1.5)
    found = made["points"].columns["lday"][0]
    distance = np.hypot(away, 0.5)
    # 0.3 dB: what air takes, and 11 for 10 lg (4 pi) = 10.99
    assert found == pytest.approx(90.0 - 20 * np.log10(distance) - 11.0 + 3.0, abs=0.3)
    assert made["points"].columns["lden"][0] == pytest.approx(found + 6.4, abs=0.5)  # a steady source: day + 6.4 dB


def test_a_row_of_sources_is_a_road_of_the_same_power():
    site = site_of(given(receivers=places((200, 230), (180, 300))))
    power = np.full(8, 80.0)  # of a metre, not weighted
    air, how = absorption(), Paths(ratio=0.1)
    road = levels_of(transfer_of(site.scene, site.roads, site.receivers, air, how), np.tile(power, (1, 3, 1)),
                     np.full(3, 0.5))  # fmt: skip
    along = np.arange(10.5, 390.0)
    row = np.column_stack([X + along, np.full(len(along), Y + 200.0), np.full(len(along), 1.05)])
    each = np.tile(power + A_WEIGHTING, (len(along), 3, 1))
    alone = np.arange(len(row)), np.ones(len(row)), np.full((len(row), 7), np.nan)
    given_to = site.scene, Sources(row, each, [""] * len(row), *alone), site.receivers, air, how, np.full(3, 0.5)
    found, *_ = levels_from(*given_to, Silent())
    # parts of at most a tenth of the distance against points of 1 m
    assert np.abs(found - road).max() < 0.05


def test_it_counts_only_when_it_runs():
    spot = places((230, 200))
    always, half = run(receivers=spot), run(receivers=spot, running_day=50.0, running_night=0.0)
    one, two = (made["points"].columns for made in (always, half))
    assert one["lday"] - two["lday"] == pytest.approx(3.01, abs=0.011)
    assert np.isnan(two["lnight"][0]) and np.isfinite(two["lden"][0])
    # weather carries sound better in the evening than by day, and best by night
    assert one["day_value"] == pytest.approx(one["lnight"] + 10, abs=0.011)
    assert two["day_value"] == pytest.approx(max(two["levening"][0] + 5, two["lday"][0]), abs=0.011)
    own = points((200, 200), lwa=[90.0], day=[25.0], evening=[np.nan], night=[100.0])
    assert run(receivers=spot, sources=own)["points"].columns["lday"] == pytest.approx(one["lday"] - 6.02, abs=0.011)


def test_behind_a_house_it_is_quieter_and_the_loudest_source_is_named():
    two = points((200, 190), (200, 260), lwa=[90.0, 80.0], id=["pump", "fan"])
    block = houses((190, 200, 210, 212), height=[9.0], identificatie=["h"])
    spots = places((200, 180), (200, 216), (200, 250))
    made = run(sources=two, receivers=spots, buildings=block, wanted={"points", "tested", "summary"})
    found = made["points"].columns
    single = found["receiver"] != None  # noqa: E711
    assert found["source"][single].tolist() == ["pump", "fan", "fan"]
    alone = run(sources=two.take(np.array([0])), receivers=spots)["points"].columns["lday"]
    walled = run(sources=two.take(np.array([0])), receivers=spots, buildings=block)["points"].columns
    screened = walled["lday"][walled["receiver"] != None]  # noqa: E711
    assert alone[1] - screened[1] > 8 and screened[0] == pytest.approx(alone[0], abs=0.05)
    tested = made["tested"].columns
    assert tested["verdict"].tolist() == ["exceeds"] and tested["quiet_side"].tolist() == ["true"]
    assert tested["day_value"][0] == np.nanmax(found["day_value"][~single])


def test_levels_by_source_add_up_to_the_level_of_each_point():
    three = points((200, 190), (200, 260), (120, 200), lwa=[90.0, 80.0, 85.0], id=["pump", "fan", "far"],
                   night=[0.0, 100.0, 100.0])  # fmt: skip
    spots = places((200, 180), (200, 250), (390, 390))
    options = {"sources": three, "receivers": spots, "wanted": {"points", "heard"}, "distance": 250.0}
    made = run(most=3, grid_spacing=40.0, **options)
    points_made, heard = made["points"].columns, made["heard"].columns
    assert len(heard["rank"]) > 6
    for k, name in enumerate(points_made["receiver"]):
        rows = np.flatnonzero(heard["receiver"] == name)
        assert heard["rank"][rows].tolist() == list(range(1, len(rows) + 1))
        assert heard["source"][rows[0]] == points_made["source"][k]
        assert heard["share"][rows].sum() == pytest.approx(100.0, abs=0.2)  # three shares rounded to 0.1
        assert total(heard["lden"][rows]) == pytest.approx(points_made["lden"][k], abs=0.02)  # both rounded to 0.01
        for row in rows:
            bands = np.array([heard[f"lden_{band}"][row] for band in BANDS])
            assert total(bands[np.isfinite(bands)]) == pytest.approx(heard["lden"][row], abs=0.02)
    assert np.isnan(heard["lnight"][heard["source"] == "pump"]).all()  # it does not run
    assert run(most=1, **options)["heard"].columns["rank"].tolist() == [1, 1, 1]


def test_powers_come_of_bands_of_totals_and_of_additions():
    columns = {f"lw_{band}": [level] for band, level in zip(BANDS, range(90, 50, -5))}
    banded = sources_of(points((0, 0), **columns), 1.0, "low", ALWAYS, 0.0)
    assert banded.powers[0, 0].tolist() == pytest.approx(np.arange(90, 50, -5) + A_WEIGHTING)
    for spectrum in SPECTRA:
        made = sources_of(points((0, 0), lwa=[75.0]), 1.0, spectrum, ALWAYS, 5.0)
        assert total(made.powers) == pytest.approx(np.full((1, 3), 80.0))
    half = {**columns, "lw_63": [np.nan], "lwa": [70.0]}
    assert total(sources_of(points((0, 0), **half), 1.0, "low", ALWAYS, 0.0).powers)[0, 0] == pytest.approx(70.0)
    high = sources_of(points((0, 0), (1, 1), lwa=[70.0, 70.0], height=[3.0, np.nan]), 1.5, "low", ALWAYS, 0.0)
    assert high.places[:, 2].tolist() == [3.0, 1.5]


def test_sources_without_a_power_are_found_and_silent_ones_are_none_of_them():
    some = points((0, 0), (1, 0), (2, 0), (3, 0), lwa=[70.0, np.nan, 1000.0, -20.0])
    assert unusable(sources_of(some, 1.0, "low", ALWAYS, 0.0)).tolist() == [False, True, True, True]
    assert not unusable(sources_of(some.take(np.array([0])), 1.0, "low", np.zeros(3), 0.0)).any()


def test_wrong_input_is_told_before_the_run():
    block = houses((190, 190, 210, 210), height=[9.0])
    spot = places((100, 100))
    assert "DT250" in codes(sources=points((200, 200), name=["x"]), receivers=spot)
    assert "1" in codes(sources=points((200, 200), lwa=[np.nan]), receivers=spot)["DT250"]
    assert "DT251" in codes(sources=points((900, 200), lwa=[80.0]), receivers=spot)
    assert "DT262" in codes(sources=points((200, 200), lwa=[80.0], day=[150.0]), receivers=spot)
    fractions = points((200, 200), lwa=[80.0], day=[0.5], evening=[0.0], night=[1.0])
    assert "DT263" in codes(sources=fractions, receivers=spot)
    assert codes(sources=points((200, 200), lwa=[80.0], day=[50.0], night=[0.5]), receivers=spot) == {}
    assert "DT252" in codes(buildings=block)
    assert codes(receivers=spot) == {}


def test_beyond_the_distance_there_is_no_level_and_it_is_told():
    progress = Silent()
    made = run(progress, receivers=places((390, 390)), distance=50.0)
    assert np.isnan(made["points"].columns["lden"][0]) and "no source" in progress.warnings[0]
    assert made["points"].columns["source"].tolist() == [None]


def test_the_map_has_contours_and_a_run_can_be_stopped():
    made = run(grid_spacing=20.0, wanted={"grid", "contours"})
    assert made["grid"].shape == (20, 20) and np.isfinite(made["grid"].values).all()
    assert 35.0 in made["contours"].columns["low"]

    class Stop(Silent):
        def is_cancelled(self):
            return True

    with pytest.raises(Cancelled):
        run(Stop(), grid_spacing=20.0, wanted={"grid"})


def test_facades_are_panels_that_cover_the_wall_by_storeys():
    block = houses((190, 210, 210, 222), height=[6.5], identificatie=["h"])
    made = run(buildings=block, receivers=places((100, 100)), wanted={"points", "panels"})
    points, panels = made["points"], made["panels"]
    on_walls = points.columns["building"] != None  # noqa: E711
    assert len(panels) == on_walls.sum() < len(points) and panels.geometries.has_z
    assert panels.columns["lden"].tolist() == points.columns["lden"][on_walls].tolist()
    for k in range(len(panels)):
        first, last = panels.geometries.coordinate_spans()[k : k + 2]
        corners = panels.geometries.coordinates[first:last]
        place = points.geometries.coordinates[k]
        assert np.ptp(corners[:, 2]) == pytest.approx(3.0)  # of one floor to the next: no gaps between storeys
        assert corners[:, 2].min() == pytest.approx(place[2] - 1.5)
        # the middle of the panel is the point, 0.05 m farther out at most
        assert np.hypot(*(corners[:4, :2].mean(axis=0) - place[:2])) < 0.051


def lday(**changed):
    return run(**changed)["points"].columns["lday"]


def test_a_line_is_the_row_of_points_that_it_is_cut_into():
    spots = places((200, 230), (260, 210))
    belt = lines([(180, 200), (220, 200)], lwa=[90.0])
    row = points(*[(181 + 2 * k, 200) for k in range(20)], lwa=np.full(20, 90.0 - 10 * np.log10(20)))
    assert lday(sources=belt, receivers=spots) == pytest.approx(lday(sources=row, receivers=spots), abs=0.011)
    metre = belt.with_columns({"lwa": np.array([90.0 - 10 * np.log10(40.0)])})
    each = lday(sources=metre, receivers=spots, power_of="each")
    assert each == pytest.approx(lday(sources=belt, receivers=spots), abs=0.011)


def test_an_area_is_a_point_from_afar_and_its_finer_self_from_near():
    yard = houses((195, 195, 205, 205), lwa=[90.0])
    far = places((200, 390))
    assert lday(sources=yard, receivers=far) == pytest.approx(lday(receivers=far), abs=0.05)
    near = places((200, 209), (209, 209))
    # at twice the distance of its points, with points four times as close
    assert lday(sources=yard, receivers=near) == pytest.approx(
        lday(sources=yard, receivers=near, source_step=0.5), abs=0.3
    )
    square = lday(sources=yard.with_columns({"lwa": np.array([70.0])}), receivers=near, power_of="each")
    assert square == pytest.approx(lday(sources=yard, receivers=near), abs=0.011)  # 100 m2


def test_shapes_become_points_that_keep_their_power():
    strip = Geometries.build("polygon", [[[[(0, 0), (30, 30), (30.3, 29.7), (0.3, -0.3), (0, 0)]]]])
    found = parts_of(strip, 5.0)
    assert len(found.places) >= 4 and found.sizes[0] == pytest.approx(np.hypot(30, 30) * np.hypot(0.3, 0.3))
    ring = [[(0, 0), (10, 0), (10, 10), (0, 10), (0, 0)], [(2, 2), (8, 2), (8, 8), (2, 8), (2, 2)]]
    court = parts_of(Geometries.build("polygon", [[ring]]), 1.0)
    assert len(court.places) == 64 and court.sizes.tolist() == [64.0]
    assert not ((court.places > 2) & (court.places < 8)).all(axis=1).any()
    flat = Geometries.build("polygon", [[[[(0, 0), (1, 0), (0, 0), (0, 0)]]], [], [[[(5, 5), (6, 5), (6, 6), (5, 5)]]]])
    found = parts_of(flat, 2.0)
    assert set(found.owners.tolist()) == {0, 2} and np.isfinite(found.places).all()
    assert np.bincount(found.owners, found.shares) == pytest.approx([1.0, 0.0, 1.0])
    with pytest.raises(InputError, match="expected 20000 at most"):
        parts_of(Geometries.build("line", [[[[(0, 0), (1e6, 0)]]]]), 2.0)


FAN = {"dir_0": [5.0], "dir_90": [0.0], "dir_180": [-10.0]}


def test_a_source_is_louder_to_where_it_faces():
    around = places((200, 240), (240, 200), (200, 160), (160, 200))
    plain = lday(receivers=around)
    fan = points((200, 200), lwa=[90.0], direction=[90.0], **FAN)  # to the east
    # the points lie 3 m above the source: 4 degrees, of which the table makes 0.9 dB at most
    assert lday(sources=fan, receivers=around) - plain == pytest.approx([0.0, 5.0, 0.0, -10.0], abs=0.95)
    level = lday(sources=fan, receivers=around, receiver_height=1.0) - lday(receivers=around, receiver_height=1.0)
    assert level == pytest.approx([0.0, 5.0, 0.0, -10.0], abs=0.011)


def test_a_wall_throws_back_what_a_source_sends_to_it():
    wall = lines([(150, 230), (250, 230)], height=[6.0])
    spot = places((200, 170))
    # in still air, as downwind hard ground adds more to the way by the wall, which is longer
    options = {"barriers": wall, "reflections": 100.0, "receiver_height": 1.0, "softness": 0.0, "favourable_day": 0.0}
    to_wall, from_wall = (
        points((200, 200), lwa=[90.0], direction=[float(way)], dir_0=[0.0], dir_90=[-40.0], dir_180=[-40.0])
        for way in (0, 180)
    )
    both = lday(receivers=spot, **options)
    parts = [lday(sources=fan, receivers=spot, **options) for fan in (to_wall, from_wall)]
    assert total(np.array(parts), axis=0) == pytest.approx(both, abs=0.02)
    assert parts[0] - parts[1] == pytest.approx(20 * np.log10(30 / 90) - 1.0, abs=0.3)  # a third as near, and 1 dB


def test_what_is_odd_about_shapes_and_directions_is_told():
    spot = places((100, 100))
    assert "DT264" in codes(sources=lines([(0, 0), (390, 0)] * 200, lwa=[80.0]), receivers=spot)
    assert "DT265" in codes(sources=points((200, 200), lwa=[80.0], direction=[90.0]), receivers=spot)
    assert "DT265" in codes(sources=points((200, 200), lwa=[80.0], **FAN), receivers=spot)
    loud = {f"dir_{angle}": [3.0] for angle in (0, 180)}
    assert "DT266" in codes(sources=points((200, 200), lwa=[80.0], direction=[0.0], **loud), receivers=spot)
    fair = {"dir_0": [3.0], "dir_90": [0.0], "dir_180": [-6.0]}
    assert codes(sources=points((200, 200), lwa=[80.0], direction=[0.0], **fair), receivers=spot) == {}
