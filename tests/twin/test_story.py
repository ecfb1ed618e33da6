"""Films of viewpoints."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from dtwin_plugin.data.moments import Moments
from dtwin_plugin.twin.story import between, through, walk
from dtwin_plugin.twin.viewpoints import Viewpoint

ONE = Viewpoint("One", 0, 0, 0, 100, 40, 350, begin="2026-01-01T12:00:00Z", end="2026-01-01T12:10:00Z")
OTHER = Viewpoint("Other", 10, 20, 5, 400, 60, 10, begin="2026-01-01T13:00:00+00:00", end="2026-01-01T13:10:00+00:00")
NUMBERS = st.floats(-1e6, 1e6)
PLACES = st.builds(Viewpoint, name=st.just("a"), x=NUMBERS, y=NUMBERS, z=NUMBERS, distance=st.floats(1, 1e5),
                   pitch=st.floats(0, 180), heading=st.floats(-720, 720))  # fmt: skip


@given(PLACES, PLACES, st.floats(0, 1))
def test_a_flight_stays_between_its_ends_and_turns_the_short_way(one, other, share):
    found = between(one, other, share)
    for name in ("x", "y", "z", "distance", "pitch"):
        low, high = sorted((getattr(one, name), getattr(other, name)))
        assert low - 1e-6 * abs(low) - 1e-9 <= getattr(found, name) <= high + 1e-6 * abs(high) + 1e-9
    if share < 1:
        assert abs(found.heading - one.heading) <= 180 + 1e-6
    turned = (between(one, other, 1 - 1e-9).heading - other.heading + 180) % 360 - 180
    assert abs(turned) < 1e-3


def test_time_goes_along_and_stays_where_an_end_has_none():
    half = between(ONE, OTHER, 0.5)
    assert half.begin == "2026-01-01T12:30:00+00:00" and half.end == "2026-01-01T12:40:00+00:00"
    assert between(replace(ONE, begin="", end=""), OTHER, 0.5).begin == OTHER.begin
    assert between(replace(ONE, begin="2026-01-01T12:00:00"), OTHER, 0.5).begin == OTHER.begin  # no zone


def test_a_walk_takes_the_seconds_of_its_viewpoints():
    shots = walk([ONE, replace(OTHER, flight=3.0, stay=1.5), replace(ONE, flight=0.0, stay=0.0)], 10)
    assert abs(sum(seconds for _, seconds in shots) - (2.0 + 2.9 + 1.5 + 0.1)) < 1e-9
    assert walk([], 10) == []


def test_moments_are_shown_from_first_to_last():
    noon = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)
    hour = Moments(noon, noon + timedelta(hours=1), timedelta(minutes=10))
    begins = [shot.viewpoint.begin for shot in through(OTHER, hour, 3, 2)]
    assert begins == [f"2026-01-01T{time}:00+00:00" for time in ("12:00", "12:30", "13:00")]
    assert len(through(OTHER, hour, 100, 2)) == hour.count == 7


def test_a_step_of_nothing_is_no_endless_series():
    noon = datetime(2026, 1, 1, 12)
    assert Moments(noon, noon, timedelta(0)).count == 1
    assert Moments(noon, noon + timedelta(days=365_00), timedelta(0)).count <= 10_001
