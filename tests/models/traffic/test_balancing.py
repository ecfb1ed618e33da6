"""Matrices with the sums that were asked, gravity and shares: what must be kept is kept."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtwin_plugin.errors import InputError, ModelError
from dtwin_plugin.models.traffic.demand import gravity, zone_costs
from dtwin_plugin.models.traffic.demand.adjust import geh
from dtwin_plugin.models.traffic.demand.balancing import furness
from dtwin_plugin.models.traffic.demand.logit import shares
from tests.models.traffic.demand_cases import COST, DESTINATIONS, ORIGINS, run, squares

MARGINS = st.integers(2, 7).flatmap(
    lambda n: st.tuples(
        st.lists(st.floats(0.5, 1e4), min_size=n, max_size=n), st.lists(st.floats(0.5, 1e4), min_size=n, max_size=n),
        st.integers(0, 10_000),
    )
)  # fmt: skip


@given(MARGINS)
def test_a_matrix_gets_the_totals_that_were_asked(margins):
    origins, destinations, seed = np.array(margins[0]), np.array(margins[1]), np.random.default_rng(margins[2])
    destinations *= origins.sum() / destinations.sum()
    cells = seed.uniform(0.1, 3.0, (len(origins),) * 2)
    found = furness(cells, origins, destinations)
    mean = origins.mean()
    assert np.abs(found.values.sum(axis=1) - origins).max() <= 2e-9 * mean  # that asked, and rounding
    assert np.abs(found.values.sum(axis=0) - destinations).max() <= 2e-9 * mean
    # cross ratios of the seed stay: what it says of pairs is kept
    ratio = found.values / cells
    assert np.allclose(ratio, np.outer(ratio[:, 0], ratio[0]) / ratio[0, 0], rtol=1e-9)


def test_zeros_stay_zeros_and_zones_without_trips_too():
    found = furness(np.array([[0.0, 2.0, 1.0], [1.0, 0.0, 3.0], [1.0, 1.0, 1.0]]), np.array([5.0, 3.0, 0.0]),
                    np.array([2.0, 2.0, 4.0])).values  # fmt: skip
    assert found[0, 0] == found[1, 1] == 0 and not found[2].any()


def test_totals_that_a_matrix_cannot_have_are_refused():
    with pytest.raises(InputError, match="must be the same"):
        furness(np.ones((2, 2)), np.array([1.0, 2.0]), np.array([1.0, 1.0]))
    with pytest.raises(InputError, match="Zones two have trips"):
        furness(np.array([[1.0, 1.0], [0.0, 0.0]]), np.array([1.0, 1.0]), np.ones(2), ["one", "two"])
    # all of zone 1 must go to 1, which takes but 1 of its 3
    with pytest.raises(ModelError, match="zeros do not let"):
        furness(np.array([[1.0, 0.0], [1.0, 1.0]]), np.array([3.0, 1.0]), np.array([1.0, 3.0]), most=50)
    with pytest.raises(InputError, match="0 or more"):
        furness(np.array([[-1.0, 1.0], [1.0, 1.0]]), np.ones(2), np.ones(2))


def test_a_matrix_that_has_its_totals_is_left_as_it_is():
    cells = np.array([[2.0, 4.0], [6.0, 8.0]])
    assert furness(cells, cells.sum(axis=1), cells.sum(axis=0)).values == pytest.approx(cells, rel=1e-12)


@pytest.mark.parametrize("function", list(gravity.FUNCTIONS))
@pytest.mark.parametrize("wanted", [2.8, 3.3, 3.7])
def test_a_mean_that_is_wanted_is_reached(function, wanted):
    found = gravity.calibrate(ORIGINS, DESTINATIONS, COST, function, wanted, 0.3)
    assert found.mean == pytest.approx(wanted, rel=1e-6) and found.rounds < 25
    assert found.balanced.values.sum(axis=1) == pytest.approx(ORIGINS, rel=1e-8)
    again = gravity.distribute(ORIGINS, DESTINATIONS, COST, function, found.parameter, 0.3)
    assert again.balanced.values == pytest.approx(found.balanced.values, rel=1e-6)


@pytest.mark.parametrize("function", list(gravity.FUNCTIONS))
def test_dearer_trips_are_shorter(function):
    means = [gravity.distribute(ORIGINS, DESTINATIONS, COST, function, b, 0.5).mean for b in (0.0, 0.2, 0.5, 1.5)]
    assert means == sorted(means, reverse=True) and means[0] > means[-1]


@pytest.mark.parametrize(
    ("wanted", "said"), [(9.0, r"does not matter it is 4\.45 min"), (0.5, r"no less than about 2\.\d+ min")]
)
def test_a_mean_that_cannot_be_is_told_with_what_can(wanted, said):
    with pytest.raises(ModelError, match=f"^work: a mean of {wanted:.3g} min cannot be had.*{said}"):
        gravity.calibrate(ORIGINS, DESTINATIONS, COST, gravity.EXPONENTIAL, wanted, purpose="work", unit="min")
    zones = squares(3, production=ORIGINS, attraction=DESTINATIONS)
    with pytest.raises(ModelError, match="a mean of 99 km cannot be had"):
        run("tripdistribution", zones=zones, mean=99.0)


def test_costs_far_apart_do_not_vanish():
    far = gravity.deterrence(np.array([[5000.0, 5001.0]]), gravity.EXPONENTIAL, 1.0)
    assert far[0].tolist() == pytest.approx([1.0, np.exp(-1)])


def test_without_a_way_there_are_no_trips():
    cost = COST.copy()
    cost[0, 2] = np.nan
    found = gravity.distribute(ORIGINS, DESTINATIONS, cost, gravity.EXPONENTIAL, 0.2).balanced.values
    assert found[0, 2] == 0 and found.sum() == pytest.approx(800.0)


def test_factors_of_one_change_nothing_and_more_attract():
    plain = gravity.distribute(ORIGINS, DESTINATIONS, COST, gravity.POWER, 1.0).balanced.values
    same = gravity.distribute(ORIGINS, DESTINATIONS, COST, gravity.POWER, 1.0, factors=np.ones((3, 3)))
    assert (same.balanced.values == plain).all()
    more = np.ones((3, 3))
    more[0, 1] = 2.0
    assert (
        gravity.distribute(ORIGINS, DESTINATIONS, COST, gravity.POWER, 1.0, factors=more).balanced.values[0, 1]
        > plain[0, 1]
    )


@pytest.mark.parametrize(("rule", "own"), [(zone_costs.NEAREST, [2.0, 2.0, 2.5]), (zone_costs.GIVEN, [1.0, 1.5, 2.0]),
                                           (zone_costs.NO_TRIPS, [np.inf] * 3)])  # fmt: skip
def test_costs_within_zones_follow_a_rule(rule, own):
    assert zone_costs.with_own(COST, rule).diagonal().tolist() == own


def test_the_mean_distance_in_a_circle_is_that_of_random_places():
    random = np.random.default_rng(1)
    places = random.uniform(-1, 1, (400_000, 2))
    places = places[(places**2).sum(axis=1) < 1][:200_000]
    sampled = np.hypot(*(places[::2] - places[1::2]).T).mean()
    found = zone_costs.with_own(np.zeros((1, 1)), zone_costs.CIRCLE, np.array([np.pi * 1e6]))[0, 0]
    assert found == pytest.approx(sampled, rel=5e-3)  # 3 standard errors of 100,000 pairs: 0.004


@given(st.lists(st.floats(-700, 700), min_size=2, max_size=5), st.floats(-300, 300))
def test_shares_are_a_whole_and_follow_differences_alone(utility, shift):
    found = shares(np.array(utility)[:, None, None])[0].ravel()
    moved = shares(np.array(utility)[:, None, None] + shift)[0].ravel()
    assert found.sum() == pytest.approx(1) and moved == pytest.approx(found, abs=1e-9)


def test_geh_is_as_published():
    assert geh(np.array([1000.0]), np.array([800.0]))[0] == pytest.approx(6.667, abs=1e-3)
