import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dtwin_plugin.models.noise.air import absorption
from dtwin_plugin.models.noise.path_kernels import boundary, put_free
from dtwin_plugin.models.noise.profiles import ENTER, EXIT, GROUND, RELIEF, WALL, Cut, profile_of

from .cases import cuts_of, read

AIR = absorption()


def level(cuts, s, r, at_source, favourable):
    profile = profile_of(cuts)
    gains = free(s, r) * boundary(profile.ground, profile.edges, s, r, at_source, favourable)
    return -10 * np.log10(gains)


def free(s, r):
    found = np.empty(8)
    put_free(math.dist(s, r), math.dist(s, r), AIR, found)
    return found


def test_all_bands_of_the_direct_paths_of_all_cases(shared):
    found = {}
    for path in sorted((shared / "noise").glob("tc*.json")):
        case = read(path)
        cuts, s, r = cuts_of(case["nm_cut_profiles"]["profiles"]["direct"])
        for weather in "HF":
            expected = case["expected"]["paths"]["direct"][weather]["L"]["v"]
            power = np.array(case["source"]["Lw_db"])
            got = power - level(cuts, s, r, case["source"]["G_at_source"], weather == "F")
            found[path.stem, weather] = np.abs(got - expected).max()
    # what the standard asks of programs is 0.1 dB; these are given to 0.01 dB, with cuts rounded to 0.1 mm
    assert len(found) == 38 and max(found.values()) < 0.05, found


def flat(far, softness=0.5):
    return [Cut(GROUND, 0, 0, 0, softness), Cut(GROUND, far, 0, 0, softness)]


@settings(max_examples=60, deadline=None)
@given(st.floats(0.05, 40), st.floats(0.05, 40), st.floats(1, 2000), st.floats(0, 1), st.floats(0, 15), st.booleans())
def test_every_path_has_a_level(z_s, z_r, far, softness, wall, favourable):
    cuts = flat(far, softness)
    cuts.insert(1, Cut(WALL, far / 3, 0, wall, softness))
    found = level(cuts, np.array((0, z_s)), np.array((far, z_r)), softness, favourable)
    assert np.isfinite(found).all()


@settings(max_examples=40, deadline=None)
@given(st.floats(1, 10), st.floats(1, 10), st.floats(80, 900), st.floats(3, 12), st.floats(0.2, 0.8))
def test_there_is_as_back_in_still_air(z_s, z_r, far, wall, share):
    """Reciprocity, of edges and of ground that is hard: near the source the ground counts otherwise (G'path)."""
    cuts = [Cut(GROUND, 0, 0, 0, 0), Cut(WALL, share * far, 0, wall, 0), Cut(GROUND, far, 0, 0, 0)]
    back = [Cut(GROUND, 0, 0, 0, 0), Cut(WALL, (1 - share) * far, 0, wall, 0), Cut(GROUND, far, 0, 0, 0)]
    s, r = np.array((0, z_s)), np.array((far, z_r))
    there = level(cuts, s, r, 0.0, False)
    again = level(back, np.array((0, z_r)), np.array((far, z_s)), 0.0, False)
    assert there == pytest.approx(again, abs=1e-6)


def test_hard_ground_gives_3_db_and_soft_ground_takes():
    s, r = np.array((0, 1.0)), np.array((200.0, 2.0))
    alone = -10 * np.log10(free(s, r))
    assert level(flat(200, 0.0), s, r, 0.0, False) - alone == pytest.approx(-3.0)
    assert (level(flat(200, 1.0), s, r, 1.0, False) - alone)[3] > 5  # 500 Hz over grass at low heights


def test_a_higher_wall_takes_more_up_to_its_cap():
    s, r = np.array((0, 1.0)), np.array((100.0, 1.5))
    found = []
    for top in (0.0, 1.5, 3.0, 200.0):
        cuts = flat(100, 0.0)
        cuts.insert(1, Cut(WALL, 20, 0, top, 0.0))
        found.append(level(cuts, s, r, 0.0, False))
    assert (np.diff(found[:3], axis=0) > 0).all() and found[2][5] > found[0][5] + 10
    # 25 dB of the edge, and no more than 3 dB that the ground gives on each side
    assert (found[-1] + 10 * np.log10(free(s, r)) <= 25 + 1e-9).all()


def test_a_building_takes_more_than_a_wall_of_its_height():
    s, r = np.array((0, 1.0)), np.array((100.0, 1.5))
    wall, building = flat(100, 0.0), flat(100, 0.0)
    wall.insert(1, Cut(WALL, 50, 0, 8, 0.0))
    building[1:1] = [Cut(ENTER, 40, 0, 8, 0.0), Cut(EXIT, 60, 0, 8, 0.0)]
    assert (level(building, s, r, 0.0, False) > level(wall, s, r, 0.0, False)).all()


def test_sound_downwind_is_louder_behind_a_wall():
    s, r = np.array((0, 0.5)), np.array((600.0, 1.5))
    cuts = flat(600)
    cuts.insert(1, Cut(WALL, 30, 0, 3, 0.5))
    assert (level(cuts, s, r, 0.5, True) <= level(cuts, s, r, 0.5, False) + 1e-9).all()


def test_a_hill_below_the_line_of_sight_changes_little():
    s, r = np.array((0, 10.0)), np.array((300.0, 10.0))
    cuts = flat(300)
    cuts.insert(1, Cut(RELIEF, 150, 0.01, 0.01, 0.5))
    assert level(cuts, s, r, 0.5, False) == pytest.approx(level(flat(300), s, r, 0.5, False), abs=0.1)


def test_the_ground_of_a_source_below_its_mean_plane_counts_whole():
    """C 2.5.3: it is its own image, so that of C 2.5.31 Aground is left; by hand for hard ground in still air."""
    s, r, top = np.array((0, 0.05)), np.array((100.0, 4.4)), (50.0, 10.0)
    cuts = [
        Cut(GROUND, 0, 0, 0, 0),
        Cut(RELIEF, 2, 0.4, 0.4, 0),
        Cut(WALL, 50, 0.4, 10, 0),
        Cut(GROUND, 100, 0.4, 0.4, 0),
    ]
    waves = 340.0 / np.array([63, 125, 250, 500, 1000, 2000, 4000, 8000])
    straight, image = (
        3 + 40 / waves * (math.dist(s, top) + math.dist(top, end) - math.dist(s, end)) for end in (r, (100.0, -3.6))
    )
    root = 10**0.15
    there = (1 + (root - 1) * np.sqrt(straight / image)) ** 2
    expected = free(s, r) * root**2 * there / np.minimum(straight, 10**2.5)
    assert level(cuts, s, r, 0.0, False) == pytest.approx(-10 * np.log10(expected), abs=1e-6)
