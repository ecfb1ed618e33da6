"""Where vehicles brake and pull up: sections of roads near crossings and roundabouts."""

import numpy as np
import pytest

from dtwin_plugin.models.checks import check
from dtwin_plugin.models.noise.bands import weighted
from dtwin_plugin.models.noise.emission import CROSSING, NO_JUNCTION, ROUNDABOUT, road_power
from dtwin_plugin.models.noise.junctions import kinds_of, sections_of
from dtwin_plugin.models.noise.road_noise_model import ROAD_NOISE
from dtwin_plugin.models.noise.roads import roads_of
from dtwin_plugin.progress import Silent

from .sites import given, lines, places

AT_40 = [40.0] * 5


def cut(roads, junctions):
    return sections_of(roads_of(roads.geometries), roads.geometries, junctions)


def long(roads):
    return np.hypot(roads.pieces[:, 3] - roads.pieces[:, 0], roads.pieces[:, 4] - roads.pieces[:, 1])


AT = [  # kind, distance [m], rolling and propulsion of light vehicles [dB], C table F-2 and 2.2.17
    (CROSSING, 0, -4.5, 5.5),
    (CROSSING, 50, -2.25, 2.75),
    (ROUNDABOUT, 0, -4.4, 3.1),
    (CROSSING, 100, 0, 0),
    (ROUNDABOUT, 999, 0, 0),
]


@pytest.mark.parametrize(("kind", "away", "rolling", "propulsion"), AT)
def test_what_is_added_lies_between_what_rolling_and_propulsion_get(kind, away, rolling, propulsion):
    flow = [100.0, 0, 0, 0, 0]
    free = road_power(flow, AT_40)
    more = road_power(flow, AT_40, junction=kind, junction_distance=away) - free
    assert (more >= rolling - 1e-9).all() and (more <= propulsion + 1e-9).all()
    assert np.ptp(more) > 0.5 or not rolling  # engines are of low pitch and tyres of high pitch


def test_a_lorry_that_crawls_is_all_engine():
    lorry = road_power([0, 0, 100.0, 0, 0], [20.0] * 5, junction=CROSSING, junction_distance=0)
    assert (lorry - road_power([0, 0, 100.0, 0, 0], [20.0] * 5))[0] == pytest.approx(9.0, abs=0.2)  # all propulsion


def test_a_road_is_cut_into_rings_of_10_m_and_keeps_its_length():
    roads, sections = cut(lines([(0, 0), (400, 0)]), places((200, 0)))
    assert long(roads).sum() == pytest.approx(400) and (np.diff(roads.features) >= 0).all()
    assert sections.roads.tolist() == [0] * 11 and sections.kinds.tolist() == [NO_JUNCTION] + [CROSSING] * 10
    assert sorted(sections.away[1:].tolist()) == list(range(5, 100, 10))
    total = np.bincount(roads.features, long(roads))
    assert total == pytest.approx([200.0, *[20.0] * 10])
    middle = 0.5 * (roads.pieces[:, 0] + roads.pieces[:, 3]) - 120_000 - 200
    near = sections.kinds[roads.features] == CROSSING
    away = sections.away[roads.features]
    assert np.abs(np.abs(middle) - away)[near & (away > 5)].max() < 1e-6
    assert away[near & (np.abs(middle) < 1)].tolist() == [5.0]  # from 10 m before it to 10 m behind it, 5 m on average


def test_roads_that_pass_elsewhere_are_not_touched_and_those_that_go_on_are():
    roads = lines([(0, 0), (170, 0)], [(170, 0), (400, 0)], [(100, 60), (300, 60)], [(170, 0), (170, 20), (180, 90)])
    _, alone = cut(roads.take(np.array([0, 1, 2])), places((200, 0)))
    assert set(alone.roads[alone.kinds > 0].tolist()) == {0, 1}  # the first goes on from the second
    _, joined = cut(roads, places((200, 0)))
    assert set(joined.roads[joined.kinds > 0].tolist()) == {1}  # a third one joins between


def test_of_two_junctions_the_nearer_counts():
    roads, sections = cut(lines([(0, 0), (100, 0)]), places((0, 0), (100, 0), kind=["lights", "rotonde"]))
    x = 0.5 * (roads.pieces[:, 0] + roads.pieces[:, 3]) - 120_000
    kinds = sections.kinds[roads.features]
    assert (kinds[x < 50] == CROSSING).all() and (kinds[x > 50] == ROUNDABOUT).all()
    assert long(roads).sum() == pytest.approx(100)


def test_kinds_have_names_and_what_is_none_is_told():
    some = places((0, 0), (1, 1), (2, 2), (3, 3), kind=["VRI", 2, "Roundabout", "bridge"])
    assert kinds_of(some).tolist() == [CROSSING, ROUNDABOUT, ROUNDABOUT, -1]
    assert kinds_of(places((0, 0))).tolist() == [CROSSING]
    told = {problem.code: problem.text() for problem in check(ROAD_NOISE, given(junctions=some))}
    assert "Crossings 4 " in told["DT244"]


def levels(**values):
    spots = places((200, 215), (20, 215))
    return ROAD_NOISE.run(given(receivers=spots, **values), Silent())["points"].columns["lden"]


def test_at_a_crossing_lorries_are_louder_and_far_from_it_all_is_as_it_was():
    heavy = lines([(10, 200), (390, 200)], daily=[5_000.0], speed=[30.0])
    found, free = levels(roads=heavy, heavy=40.0, junctions=places((200, 200))), levels(roads=heavy, heavy=40.0)
    assert 2 < found[0] - free[0] < 9 and abs(found[1] - free[1]) < 0.5


def test_a_junction_far_away_changes_nothing():
    assert np.array_equal(levels(junctions=places((200, 390))), levels())


def test_stored_paths_serve_another_kind_of_junction(tmp_path):
    light, other = places((200, 200), kind=["lights"]), places((200, 200), kind=["roundabout"])
    made = ROAD_NOISE.run(given(receivers=places((200, 215)), junctions=light, wanted={"points", "transfer"}), Silent())
    file = tmp_path / "paths.npz"
    made["transfer"].write(file)
    anew, again = (ROAD_NOISE.run(given(receivers=places((200, 215)), junctions=other, **more), Silent())
                   for more in ({}, {"stored": file}))  # fmt: skip
    assert np.array_equal(anew["points"].columns["lden"], again["points"].columns["lden"])


def test_the_power_of_a_whole_crossing_is_that_of_fine_steps():
    """Rings of 10 m against 0.1 m, of a heavy mix: the sum of energies along 100 m."""
    flow, at = [300.0, 40.0, 60.0, 0, 10.0], [30.0] * 5

    def along(step):
        away = np.arange(step / 2, 100, step)
        power = road_power(np.tile(flow, (len(away), 1)), np.tile(at, (len(away), 1)), junction=CROSSING,
                           junction_distance=away)  # fmt: skip
        return weighted(10 * np.log10((10 ** (power / 10)).mean(axis=0)))

    assert along(10.0) == pytest.approx(along(0.1), abs=0.02)  # 0.45 dB at the ends of a ring, even about its middle
