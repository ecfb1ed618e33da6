"""What is left out by a cut-off raises no level by more than it, in no period; and no path beats its bound."""

import numpy as np
import pytest
from hypothesis import given as cases
from hypothesis import settings
from hypothesis import strategies as st

from dtwin_plugin.models.noise import cutoff_kernels
from dtwin_plugin.models.noise.path_kernels import boundary
from dtwin_plugin.models.noise.profiles import GROUND, RELIEF, WALL, Cut, profile_of
from dtwin_plugin.models.noise.road_noise_model import ROAD_NOISE
from dtwin_plugin.models.noise.transfer import Paths, _near, audible, levels_of, transfer_of
from dtwin_plugin.progress import Silent

from .sites import given, houses, lines, places
from .test_transfer import AIR, FAVOURABLE, SPECTRUM, at, flat, straight, town

BUSY = SPECTRUM + np.array([20.0, 0.0])[:, None]  # dB by band, of two roads
POWER = np.stack([BUSY, BUSY - [[5.0], [2.0]], BUSY - [[np.inf], [9.0]]], axis=1)  # none drive on the first at night


def field():
    """A long busy road far off and a quiet one near, over soft ground."""
    near = straight(200.0)
    near.pieces[:, [1, 4]] += 120.0
    far = straight(1000.0)
    roads = type(far)(
        np.concatenate([far.pieces, near.pieces]), np.array([0] * len(far.pieces) + [1] * len(near.pieces))
    )
    return flat(softness=0.7), roads, at((0, 125), (0, 300), (30, 8), (400, -200))


@pytest.mark.parametrize("how", [Paths(), Paths(400.0, sideways=True), Paths(400.0, reach=40.0, order=2)])
@pytest.mark.parametrize("scene", [town, field])
@pytest.mark.parametrize("cutoff", [0.1, 0.5, 3.0])
def test_no_level_loses_more_than_the_cutoff(scene, how, cutoff):
    made = scene()
    whole = levels_of(transfer_of(*made, AIR, how), POWER, FAVOURABLE)
    fewer = transfer_of(*made, AIR, how, loud=audible(POWER, FAVOURABLE, cutoff))
    with np.errstate(invalid="ignore"):
        lost = whole - levels_of(fewer, POWER, FAVOURABLE)
    assert np.array_equal(np.isnan(lost), np.isneginf(whole))  # where nothing drives within the distance
    lost = np.nan_to_num(lost)
    assert (lost >= -1e-5).all() and (lost <= cutoff).all()  # energies are stored with 7 digits


def test_it_leaves_out_paths():
    scene, roads, receivers = field()
    starts, chosen = _near(roads.pieces, receivers, 500.0)
    counts = []
    for cutoff in (0.0, 0.5, 3.0):
        loud, count = audible(POWER, FAVOURABLE, cutoff), np.zeros(len(receivers), np.int64)
        paths, cut = (500.0, 0.25, AIR, False, 0.0, 1), (loud.weights, loud.share)
        pieces = (*roads, chosen, starts)
        cutoff_kernels.transfer_loudest(scene, pieces, receivers, paths, *cut, np.zeros((len(chosen), 2, 8)), count)
        counts.append(count.sum())
    assert counts[0] > counts[1] > counts[2], counts


def test_without_a_cutoff_in_db_it_is_the_whole():
    scene, roads, receivers = town()
    whole = levels_of(transfer_of(scene, roads, receivers, AIR, Paths()), POWER, FAVOURABLE)
    same = transfer_of(scene, roads, receivers, AIR, Paths(), loud=audible(POWER, FAVOURABLE, 0.0))
    assert levels_of(same, POWER, FAVOURABLE) == pytest.approx(whole, abs=1e-5)


def test_neither_chunks_nor_threads_change_a_bit():
    scene, roads, receivers = town()
    loud = audible(POWER, FAVOURABLE, 3.0)
    one = transfer_of(scene, roads, receivers, AIR, Paths(), loud=loud, threads=1, chunk=60)
    for options in ({"threads": 2, "chunk": 7}, {"threads": 3, "chunk": 1}):
        other = transfer_of(scene, roads, receivers, AIR, Paths(), loud=loud, **options)
        assert all(np.array_equal(a, b) for a, b in zip(vars(one).values(), vars(other).values()))


@settings(max_examples=300, deadline=None)
@cases(
    st.lists(st.tuples(st.floats(0.01, 0.99), st.floats(-0.5, 0.5), st.floats(0, 15), st.booleans()), max_size=5),
    st.floats(1, 1500), st.floats(0.05, 8), st.floats(0.05, 40), st.sampled_from([0.0, 0.3, 1.0]),
)  # fmt: skip
def test_ground_and_edges_leave_no_more_than_the_bound(cuts, far, z_s, z_r, softness):
    """Also over steep ground, with slopes of a half."""
    made, z, before = [Cut(GROUND, 0, 0, 0, softness)], 0.0, 0.0
    for share, slope, top, wall in sorted(cuts):
        z, before = z + slope * (share - before) * far, share
        made.append(Cut(WALL, share * far, z, z + top, softness) if wall else Cut(RELIEF, share * far, z, z, softness))
    made.append(Cut(GROUND, far, z, z, softness))
    profile, s, r = profile_of(made), np.array((0, z_s)), np.array((far, z + z_r))
    for weather in range(2):
        left = boundary(profile.ground, profile.edges, s, r, softness, weather == 1)
        assert (left <= cutoff_kernels._GROUND[weather] ** 2).all()


def site(**values):
    roads = lines([(10, 200), (390, 200)], [(10, 20), (390, 20)], daily=[20_000.0, 200.0])
    return given(roads=roads, buildings=houses((100, 210, 120, 225)), receivers=places((200, 195), (50, 100)), **values)


def test_a_run_with_a_cutoff_is_within_it_and_stored_paths_and_shares_do_not_change():
    whole = ROAD_NOISE.run(site(), Silent())["points"].columns["lden"]
    fewer = ROAD_NOISE.run(site(cutoff=2.0), Silent())["points"].columns["lden"]
    lost = whole - fewer
    assert (lost >= 0).all() and (lost <= 2.0).all() and lost.max() > 0
    kept = {"points", "summary", "transfer", "sources"}
    stored = ROAD_NOISE.run(site(cutoff=2.0, wanted=kept), Silent())["points"].columns["lden"]
    assert np.array_equal(stored, whole)
