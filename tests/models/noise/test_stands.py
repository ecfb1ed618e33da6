"""Sources on roofs and bridges: the edge of what they stand on is the first in the way of their sound."""

import math

import numpy as np
import pytest

from dtwin_plugin.models.checks import check
from dtwin_plugin.models.noise.air import absorption
from dtwin_plugin.models.noise.calculation import site_of
from dtwin_plugin.models.noise.installation_model import INSTALLATION_NOISE
from dtwin_plugin.models.noise.path_kernels import boundary, put_free
from dtwin_plugin.models.noise.profiles import EXIT, GROUND, Cut, profile_of
from dtwin_plugin.models.noise.road_levels import levels_of_roads
from dtwin_plugin.models.noise.road_noise_model import ROAD_NOISE
from dtwin_plugin.models.noise.roads import Roads
from dtwin_plugin.models.noise.route_kernels import direct
from dtwin_plugin.models.noise.scene import Raster, buildings_of, scene_of
from dtwin_plugin.models.noise.stand_kernels import ON_ROOF
from dtwin_plugin.models.noise.surroundings import ground_of, widened
from dtwin_plugin.models.noise.transfer import Paths, transfer_of
from dtwin_plugin.progress import Silent

from .sites import X, Y, given, houses, lines, places, terrain

AIR = absorption()


def house(*more):
    rings = [[(-10, -8), (10, -8), (10, 8), (-10, 8)], *(ring for ring, _ in more)]
    raster = [Raster(np.full((100, 100), value, np.float32), -500.0, 500.0, 10.0) for value in (0.0, 1.0)]
    tops = [9.0, *(top for _, top in more)]
    return scene_of([buildings_of(rings, tops)], np.full((len(tops), 8), 0.2), *raster)


def from_roof(scene, place, receiver):
    found = np.empty((2, 8))
    a = np.array([*place, ON_ROOF, 0.0])
    assert direct(scene, a, np.array(receiver), np.zeros(2), 0.0, AIR, found)
    return -10 * np.log10(found)


def by_hand(across, height, away, z, favourable):
    """The same path, cut by hand: a hard roof of 9 m up to its edge, and soft ground from there."""
    cuts = [Cut(GROUND, 0, 9, 9, 0), Cut(EXIT, across, 0, 9, 1), Cut(GROUND, away, 0, 0, 1)]
    profile = profile_of(cuts)
    points = [np.array(part) for part in profile.ground]
    points[1][1] = 9.0  # the roof, of which the cut at the edge knows the top
    s, r = np.array((0.0, 9.0 + height)), np.array((away, z))
    free = np.empty(8)
    put_free(math.dist(s, r), math.dist(s, r), AIR, free)
    return -10 * np.log10(free * boundary(tuple(points), profile.edges, s, r, 0.0, favourable))


@pytest.mark.parametrize(("away", "z"), [(60.0, 1.5), (25.0, 4.0), (200.0, 30.0)])
def test_a_source_on_a_roof_is_screened_by_its_edge_as_by_hand(away, z):
    found = from_roof(house(), (4.0, 0.0, 10.0), (4.0 + away, 0.0, z))
    for weather in range(2):
        assert found[weather] == pytest.approx(by_hand(6.0, 1.0, away, z, weather == 1), abs=1e-6)


def test_the_nearer_to_the_edge_the_louder_below():
    levels = [from_roof(house(), (x, 0.0, 9.5), (x + 30.0, 0.0, 1.5))[0, 4] for x in (9.5, 5.0, -5.0)]
    assert (np.diff(levels) > 1).all()


def test_a_roof_goes_on_over_a_house_beside_it_and_a_tower_on_it_is_in_the_way():
    beside = ([(10, -8), (20, -8), (20, 8), (10, 8)], 9.0)
    long = from_roof(house(beside), (4.0, 0.0, 10.0), (64.0, 0.0, 1.5))
    assert (long[0] > from_roof(house(), (4.0, 0.0, 10.0), (64.0, 0.0, 1.5))[0] + 1)[2:].all()
    tower = ([(6, -3), (8, -3), (8, 3), (6, 3)], 20.0)
    assert (from_roof(house(tower), (0.0, 0.0, 10.0), (60.0, 0.0, 1.5))[0] > long[0] + 3)[3:].all()


def test_nothing_of_a_roof_is_in_the_way_of_who_is_over_it():
    free = scene_of([], (), *house()[7:9])
    found = np.empty((2, 8))
    direct(free, np.array((0, 0, 10.0)), np.array((5.0, 0.0, 30.0)), np.zeros(2), 0.0, AIR, found)
    above = from_roof(house(), (0.0, 0.0, 10.0), (5.0, 0.0, 30.0))
    assert above[0] == pytest.approx(-10 * np.log10(found[0]), abs=0.01)  # hard roof for hard ground, both 3 dB


def install(**changed):
    defaults = {field.name: field.default for field in INSTALLATION_NOISE.inputs}
    block = houses((190, 190, 210, 210), height=[9.0])
    source = places((195, 200), lwa=[90.0])
    return {**defaults, "sources": source, "terrain": terrain(), "buildings": block, "wanted": {"points"},
            "receivers": places((240, 200)), "receiver_height": 1.5, **changed}  # fmt: skip


def single(made):
    return made["points"].columns["lday"][made["points"].columns["receiver"] != None][0]  # noqa: E711


def test_a_pump_on_a_roof_is_quieter_below_than_one_as_high_without_a_house_and_it_is_told():
    roof = single(INSTALLATION_NOISE.run(install(), Silent()))
    mast = single(INSTALLATION_NOISE.run(install(buildings=None, source_height=10.0), Silent()))
    assert 3 < mast - roof < 20
    problems = {problem.code: problem for problem in check(INSTALLATION_NOISE, install())}
    assert problems["DT252"].level == "warning" and "stand on its roof" in problems["DT252"].text()


def bridge(**columns):
    return lines([(10, 200), (390, 200)], daily=[10_000.0], **columns)


def lden(**values):
    return ROAD_NOISE.run(given(**values), Silent())["points"].columns["lden"]


def test_a_road_on_a_bridge_is_screened_by_its_deck_for_who_is_low_and_free_for_who_is_high():
    low = places((200, 215), (200, 260))
    ground, high = lden(receivers=low, receiver_height=1.5), lden(
        roads=bridge(deck_height=[8.0]), receivers=low, receiver_height=1.5)  # fmt: skip
    assert (ground - high)[0] > 5  # in the shadow of the edge
    wide, narrow = (lden(roads=bridge(deck_height=[8.0]), receivers=low, receiver_height=1.5, deck_width=w)[0] for w in
                    (20.0, 6.0))  # fmt: skip
    assert wide < narrow - 1
    over = places((200, 230))
    assert lden(roads=bridge(deck_height=[8.0]), receivers=over, receiver_height=12.0) == pytest.approx(
        lden(receivers=over, receiver_height=4.0), abs=1.5)  # of the ground, which is not as near  # fmt: skip


def test_z_of_a_line_is_as_good_as_a_height_above_the_ground():
    flat = bridge(level=[1])
    shapes = flat.geometries
    raised = np.column_stack([shapes.coordinates, np.full(len(shapes.coordinates), 9.0)])  # m NAP; the ground is at 1
    from dataclasses import replace

    line = replace(flat, geometries=replace(shapes, coordinates=raised))
    spots = places((200, 230), (200, 300))
    assert np.array_equal(lden(roads=line, receivers=spots), lden(roads=bridge(deck_height=[8.0]), receivers=spots))
    assert np.array_equal(lden(roads=replace(line, columns={"daily": flat.columns["daily"]}), receivers=spots),
                          lden(receivers=spots))  # z alone says nothing  # fmt: skip


def test_other_sound_passes_under_a_bridge():
    both = lines([(10, 200), (390, 200)], [(10, 230), (390, 230)], daily=[10_000.0, 0.0], deck_height=[np.nan, 6.0])
    spots = places((200, 260), (200, 240))
    assert np.array_equal(lden(roads=both, receivers=spots), lden(receivers=spots))


def test_a_tunnel_is_silent():
    two = lines([(10, 200), (200, 200)], [(200, 200), (390, 200)], daily=[10_000.0] * 2,
                tunnel=np.array(["ja", None], object))  # fmt: skip
    spots = places((100, 220), (300, 220))
    found, open_air = lden(roads=two, receivers=spots), lden(receivers=spots)
    assert open_air[0] - found[0] > 10
    assert open_air[1] == pytest.approx(found[1], abs=0.3)  # 190 m of road that begin at 100 m


@pytest.mark.parametrize(("code", "columns"), [("DT242", {"level": [1]}), ("DT243", {"deck_height": [250.0]})])
def test_a_bridge_without_a_height_that_can_be_is_told(code, columns):
    assert code in {problem.code for problem in check(ROAD_NOISE, given(roads=bridge(**columns)))}


def test_a_level_below_the_ground_is_no_bridge():
    levels = levels_of_roads(bridge(relatieve_hoogteligging=[-1]), ground_of(terrain()))
    assert not levels.bridge.any() and not levels.silent.any()


def test_what_lies_beyond_the_terrain_still_stands_in_the_way():
    """Terrain that ends between a road and a house, and one that does not, give the same on flat ground."""
    road, block = lines([(10, 350), (390, 350)], daily=[10_000.0]), houses((50, 320, 350, 330), height=[9.0])
    half = terrain()
    half = type(half)(half.values[100:], half.x_min, half.y_max - 100, half.cell_size, unit="m")
    spots, grass = places((200, 280)), houses((0, 0, 400, 400), klasse=np.array(["begroeidterreindeel"], object))
    for more in ({}, {"cover": grass}):
        whole = ROAD_NOISE.run(given(roads=road, buildings=block, receivers=spots, **more), Silent())["points"].columns
        part = ROAD_NOISE.run(given(roads=road, buildings=block, receivers=spots, terrain=half, **more), Silent())
        part = part["points"].columns
        assert part["lden"].tolist() == whole["lden"][whole["receiver"] != None].tolist()  # noqa: E711


def test_ground_is_not_widened_farther_than_sources_count():
    ground = ground_of(terrain(100))
    far = widened(ground, np.array([[X - 5000, Y, X + 50, Y + 5000]]), 300.0)
    assert far.extent.x_min == X - 300 and far.extent.y_max == Y + 400 and far.extent.x_max == X + 100
    assert widened(ground, np.array([[X, Y, X + 10, Y + 10]]), 300.0) is ground


def test_a_deck_is_not_in_the_way_of_its_road_for_who_is_under_it():
    site = site_of(given(roads=bridge(deck_height=[8.0]), receivers=places((200, 202)), receiver_height=1.5))
    made = transfer_of(site.scene, site.roads, site.receivers, AIR, Paths(300.0))
    bare = site.scene._replace(decks=scene_of([]).decks)
    assert isinstance(site.roads, Roads) and np.isfinite(made.energy).all() and made.energy.min() > 0
    assert np.abs(made.energy / transfer_of(bare, site.roads, site.receivers, AIR, Paths(300.0)).energy - 1).max() < 1
