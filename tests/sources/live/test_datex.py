"""Traffic of the NDW: what is measured in each lane, and what is no value."""

import gzip
import zlib

import numpy as np
import pytest

from dtwin_plugin.data.series import GOOD, INVALID, UNKNOWN
from dtwin_plugin.errors import FormatError
from dtwin_plugin.sources.live import parse, read_series
from dtwin_plugin.sources.live.datex_situations import read_situations
from dtwin_plugin.sources.live.reading import read_sites
from dtwin_plugin.sources.live.unpacked import unpacked
from tests.sources.live import traffic_files as files
from tests.sources.live.traffic_files import ERROR, SITE, flow, measured, site, speed


@pytest.fixture(scope="module")
def sites(tmp_path_factory):
    path = tmp_path_factory.mktemp("ndw") / "measurement_current.xml"
    path.write_bytes(files.SITES_V2)
    with path.open("rb") as stream:
        return read_sites(stream, path.name)


def values_of(series):
    return {series.quantities[kind].key: value for kind, value in zip(series.quantity, series.values.tolist())}


def test_each_lane_and_class_is_told_by_the_table_of_sites(sites):
    series = parse(
        measured(site(SITE, flow(1, 600), flow(2, 300), speed(3, 80), speed(4, 50), flow(5, 60))), "n", sites
    )
    assert values_of(series) == {
        "flow: lane1 anyVehicle": 600,
        "flow: lane2 anyVehicle": 300,
        "speed: lane1 anyVehicle": 80,
        "speed: lane2 anyVehicle": 50,
        "flow: lane1 >5.6 <=12.2 m": 60,
        "flow": 900,  # of all lanes, and not again of the classes
        "speed": 70,  # (600 * 80 + 300 * 50) / 900
    }
    assert {item.unit for item in series.quantities} == {"1/h", "km/h"}
    assert series.stations.columns["name"].tolist() == ["N450 km 2.735"]
    assert series.stations.geometries.coordinates.tolist() == [[4.3571, 52.0116]]
    minute = np.array(["2026-05-04T06:00", "2026-05-04T06:01"], "datetime64[ms]")
    assert series.begins[0] == minute[0] and series.ends[0] == minute[1]
    assert series.published == np.datetime64("2026-05-04T06:01:30")


@pytest.mark.parametrize(
    "lane",
    [
        speed(3, -1, count=0),
        speed(3, 0, count=0),  # a mean of no vehicles is no standstill
        speed(3, 80, error=ERROR),
        flow(1, -1),
        flow(1, 0, error=ERROR),
    ],
)
def test_no_value_is_not_a_number(sites, lane):
    series = parse(measured(site(SITE, lane)), "ndw", sites)
    assert np.isnan(series.values).all() and set(series.qualities.tolist()) == {INVALID}


def test_an_empty_road_has_a_flow_of_nothing(sites):
    series = parse(measured(site(SITE, flow(1, 0), flow(2, 0), speed(3, -1, count=0))), "ndw", sites)
    found = values_of(series)
    assert found["flow"] == found["flow: lane1 anyVehicle"] == 0 and np.isnan(found["speed"])


def test_a_lane_that_fails_leaves_the_whole_without_a_value(sites):
    found = values_of(parse(measured(site(SITE, flow(1, 600), flow(2, -1, ERROR))), "ndw", sites))
    assert np.isnan(found["flow"]) and found["flow: lane1 anyVehicle"] == 600


def test_a_lane_without_vehicles_does_not_slow_the_others(sites):
    found = values_of(
        parse(measured(site(SITE, flow(1, 600), flow(2, 0), speed(3, 80), speed(4, -1, count=0))), "ndw", sites)
    )
    assert found["speed"] == 80


def test_count_and_deviation_are_kept(sites):
    series = parse(measured(site(SITE, speed(3, 80, count=7, deviation=4.5), speed(4, 50))), "ndw", sites)
    assert series.extras["count"][:2].tolist() == [7, 4]
    assert series.extras["deviation"][0] == 4.5 and np.isnan(series.extras["deviation"][1])


def test_a_table_of_another_day_gives_no_lane_that_is_wrong(sites):
    series = parse(measured(site(SITE, speed(1, 80), flow(2, 300))), "n", sites)
    found = values_of(series)
    assert np.isnan([found.pop("flow"), found.pop("speed")]).all()
    assert found == {"speed: index1": 80, "flow: lane2 anyVehicle": 300}
    assert any("of another kind than the table" in str(remark) for remark in series.remarks)


def test_a_lane_that_is_not_in_the_file_leaves_the_whole_without_a_value(sites):
    found = values_of(parse(measured(site(SITE, flow(1, 600))), "n", sites))
    assert found["flow: lane1 anyVehicle"] == 600 and np.isnan(found["flow"])


def test_without_the_table_the_kind_is_known_and_that_is_told():
    series = parse(measured(site(SITE, flow(1, 600), flow(2, 300))), "ndw")
    assert values_of(series) == {"flow: index1": 600, "flow: index2": 300}
    assert not len(series.stations.geometries.coordinates)
    assert ["1 sites of ndw are not in the table of sites; their places and lanes are not known."] == [
        str(item) for item in series.remarks
    ]


def test_travel_times_are_along_lines(sites):
    series = parse(measured(files.TRAVEL_TIME), "ndw", sites)
    assert values_of(series) == {"travel_time": 84}
    assert series.stations.geometries.kind == "line"
    assert series.stations.geometries.coordinates.tolist() == [[4.36, 52.0], [4.37, 52.02]]


def test_version_3_is_read_with_its_own_names(tmp_path):
    (tmp_path / "measurement_current.xml.gz").write_bytes(gzip.compress(files.SITES_V3))
    (tmp_path / "trafficspeed.xml.gz").write_bytes(gzip.compress(files.MEASURED_V3))
    series = read_series(tmp_path / "trafficspeed.xml.gz")
    assert values_of(series) == {"flow: lane1 anyVehicle": 240, "flow": 240}
    assert series.begins[0] == np.datetime64("2026-05-04T06:00") and series.ends[0] == np.datetime64("2026-05-04T06:05")
    assert series.stations.geometries.coordinates.tolist() == [[4.35, 52.005]]
    table = read_series(tmp_path / "measurement_current.xml.gz")
    assert len(table) == 0 and table.stations.columns["name"].tolist() == ["Westlandseweg"]


def test_a_site_without_a_time_is_left_out_and_told(sites):
    series = parse(measured(site(SITE, flow(1, 1), time="yesterday"), site(SITE, flow(5, 2))), "ndw", sites)
    assert series.values.tolist() == [2.0] and "without a site or a time" in str(series.remarks[0])


def test_situations_have_their_validity_and_those_without_a_place_are_left_out(tmp_path):
    path = tmp_path / "a.xml"
    path.write_bytes(files.SITUATIONS)
    with path.open("rb") as stream:
        (found,) = read_situations(stream, "a.xml")
    assert {name: values.tolist() for name, values in found.columns.items() if name in ("id", "type", "works")} == {
        "id": ["NDW_1_1"], "type": ["MaintenanceWorks"], "works": ["resurfacingWork"],
    }  # fmt: skip
    series = read_series(path)
    assert (series.begins[0], series.ends[0]) == (np.datetime64("2026-05-10T20:00"), np.datetime64("2026-05-11T04:00"))
    assert series.values.tolist() == [1.0]


def test_an_entity_is_refused():
    text = measured(site(SITE, flow(1, 5))).decode()
    hostile = '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>' + text.replace(">5<", ">&b;<")
    with pytest.raises(FormatError, match="document type"):
        parse(hostile.encode(), "ndw")


def test_half_a_file_is_refused():
    whole = measured(site(SITE, flow(1, 5)))
    with pytest.raises(FormatError, match="well-formed"):
        parse(whole[: len(whole) // 2 + 200], "ndw")
    with pytest.raises(FormatError, match="half-way"):
        parse(gzip.compress(whole)[:-20], "ndw")
    with pytest.raises(FormatError, match="broken gzip"):
        parse(b"\x1f\x8b" + b"nonsense" * 9, "ndw")


def test_a_bomb_of_gzip_is_refused_before_it_is_unpacked():
    engine = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(engine.compress(b" " * (1 << 20)) for _ in range(100)) + engine.flush()
    assert len(bomb) < 200_000
    import io

    stream = unpacked(io.BytesIO(bomb), "bomb.gz")
    with pytest.raises(FormatError, match="grows to more than"):
        while stream.read(1 << 20):
            pass


def test_several_gzips_after_one_another_are_one():
    import io

    packed = gzip.compress(b"one ") + gzip.compress(b"two")
    assert unpacked(io.BytesIO(packed), "a").read() == b"one two"
    assert unpacked(io.BytesIO(b"plain"), "a").read() == b"plain"


def test_the_counts_of_dexter_are_read(tmp_path):
    path = tmp_path / "intensiteit.csv"
    path.write_text(
        "measurementSiteReference,index,periodStart,periodEnd,numberOfInputValuesused,dataError,avgVehicleFlow,"
        "avgVehicleSpeed,measurementSiteName1,startLocatieForDisplayLat,startLocatieForDisplayLong,specificLane,"
        "specificVehicleCharacteristics\n"
        "GEO1,1A,2026-05-04 08:00:00,2026-05-04 09:00:00,60,,412,,Weg,52.0,4.35,lane1,anyVehicle\n"
        "GEO1,1A,2026-05-04 09:00:00,2026-05-04 10:00:00,60,1,0,,Weg,52.0,4.35,lane1,anyVehicle\n"
        "GEO1,1A\n"
    )
    series = read_series(path)
    assert series.values[0] == 412 and np.isnan(series.values[1])
    assert series.begins[0] == np.datetime64("2026-05-04T07:00")  # winter time
    assert series.quantities[0].key == "flow: lane1 anyVehicle" and series.extras["count"].tolist() == [60, 60]
    assert series.qualities.tolist() == [UNKNOWN, INVALID] and GOOD not in series.qualities
    assert "Line 4" in str(series.remarks[0])
