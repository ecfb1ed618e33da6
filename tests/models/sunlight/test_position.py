"""Where the sun stands, beside NREL's algorithm, and what the clock says."""

import json
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtwin_plugin.errors import InputError
from dtwin_plugin.models.sunlight.clock import day_in_utc, local_of, utc_of
from dtwin_plugin.models.sunlight.position import refraction, sun_position

# degrees; a fifth of what is asked, and what the page of the module promises
CLOSE = 0.002
HORIZON = -0.8333  # degrees: half the sun and the lift of the air, as almanacs count


@pytest.fixture(scope="module")
def days(shared):
    return json.loads((shared / "sun/nl_sun_positions.json").read_text())["days"]


def turned(a, b):
    return (a - b + 180) % 360 - 180


def test_positions_are_those_of_nrel_at_dutch_places(days):
    for day in days:
        rows = day["positions"]
        sun = sun_position([row["utc"].rstrip("Z") for row in rows], day["latitude"], day["longitude"])
        assert np.abs(sun.elevation - [row["elevation_true_deg"] for row in rows]).max() < CLOSE
        assert np.abs(turned(sun.azimuth, np.array([row["azimuth_deg"] for row in rows]))).max() < CLOSE
        seen = sun.elevation + refraction(sun.elevation)
        assert np.abs(seen - [row["elevation_apparent_deg"] for row in rows]).max() < CLOSE


def test_the_worked_example_of_nrel(shared):
    case = json.loads((shared / "sun/nrel_spa_example.json").read_text())
    given_, expected = case["input"], case["expected"]
    sun = sun_position(["2003-10-17T19:30:30"], given_["latitude"], given_["longitude"])
    assert sun.elevation[0] == pytest.approx(expected["elevation_no_refraction_deg"], abs=CLOSE)
    assert sun.azimuth[0] == pytest.approx(expected["azimuth_deg"], abs=CLOSE)
    lift = refraction(sun.elevation, given_["pressure_mbar"], given_["temperature_c"])
    assert lift[0] == pytest.approx(expected["refraction_deg"], abs=1e-4)


def test_sunrise_noon_sunset_and_minutes_of_sun_are_those_of_the_tables(days):
    """To one minute, and the local clock with them: in the sample are days of summer and of winter time."""
    for day in days:
        begin, end = day_in_utc(day["date"])
        moments = np.arange(begin, end, np.timedelta64(10, "s"))
        sun = sun_position(moments, day["latitude"], day["longitude"])
        up = np.flatnonzero(sun.elevation > HORIZON)
        noon = np.argmax(sun.elevation)
        for name, index in (("sunrise", up[0]), ("sunset", up[-1]), ("transit", noon)):
            expected = np.datetime64(f"{day['date']}T{day[name + '_local']}", "s")
            assert abs(local_of(moments[index]) - expected) <= np.timedelta64(60, "s"), name
        for height in (0, 10):
            minutes = (sun.elevation > height).sum() / 6
            assert minutes == pytest.approx(day[f"minutes_elevation_above_{height}"], abs=1.0)
        assert sun.elevation.max() == pytest.approx(day["max_elevation_true_deg"], abs=CLOSE)


def test_the_sun_lights_from_where_it_stands():
    noon = sun_position(["2025-06-21T11:42:00"], 52.0, 5.0).direction[0]
    assert noon[1] < -0.4 and noon[2] > 0.85 and abs(noon[0]) < 0.02  # from the south, high
    assert np.linalg.norm(noon) == pytest.approx(1.0)
    morning = sun_position(["2025-06-21T05:00:00"], 52.0, 5.0).direction[0]
    assert morning[0] > 0.8


@given(
    st.datetimes(min_value=np.datetime64("1996-02-01", "s").item(), max_value=np.datetime64("2070-01-01", "s").item())
)
def test_the_clock_is_that_of_amsterdam(moment):
    expected = moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo("Europe/Amsterdam")).replace(tzinfo=None)
    utc = np.datetime64(moment, "s")
    found = local_of(utc)
    assert found == np.datetime64(expected, "s")
    assert utc - utc_of(found) in (np.timedelta64(0, "s"), np.timedelta64(3600, "s"))  # the hour that comes twice


def test_both_days_of_a_change_of_the_clock():
    with pytest.raises(InputError, match="2025-03-30 02:30:00 does not exist"):
        utc_of(["2025-03-30T02:30:00"])
    assert str(utc_of("2025-10-26T02:30")) == "2025-10-26T00:30:00"  # the first of both
    for date, hours in (("2025-03-30", 23), ("2025-10-26", 25), ("2025-06-01", 24)):
        begin, end = day_in_utc(date)
        assert end - begin == np.timedelta64(hours * 3600, "s")
    with pytest.raises(InputError, match="before 1996"):
        utc_of("1990-06-01T12:00")
