"""Sensors as files: every file of the shared data, and what broken and hostile ones are told."""

import json

import numpy as np
import pytest

from dtwin_plugin.data.series import INVALID, SUSPECT
from dtwin_plugin.errors import FormatError
from dtwin_plugin.sources.describe_one import describe_one
from dtwin_plugin.sources.live import parse, read_series

# name -> stations, observations, units by quantity, first begin, first coordinates
FACTS = {
    "geonovum_sta/1431Z936.MON": (1, 2 * 11782, {"level": "cm", "temperature": "degC"}, "2006-11-08T11:00", None),
    "geonovum_sta/dataStream1.json": (1, 0, {"Temperatuur": "degC"}, None, [-114.06, 51.05]),
    "geonovum_sta/location.json": (1, 0, {}, None, [-114.06, 51.05]),
    "geonovum_sta/observations1.json": (1, 3745, {"result": ""}, "2018-08-06T12:00", None),
    "geonovum_sta/sens-ams-1.json": (19, 311, None, "2019-10-29T12:10:09", [5.1747002, 52.2261655]),
    "geonovum_sta/thing.json": (1, 0, {}, None, None),
    "geonovum_sta": (1, 3745, {"Temperatuur": "degC"}, "2018-08-06T12:00", [-114.06, 51.05]),
    "hydropandas/knmi_neerslagstation.json": (649, 0, {}, None, [6.1610859706, 53.3793606773]),
    "hydropandas/waterinfo_20231023_017.csv": (1, 5, {"WATHTE: NAP": "cm"}, "2021-12-31T23:00", None),
    "ngsi_ld/NoiseLevelObserved.normalized.jsonld": (1, 4, None, "2016-12-28T11:00", [-2.698, 42.8491]),
    "samenmeten/Datastreams.json": (1, 0, None, None, None),
    "samenmeten/Things.json": (1, 0, {}, None, None),
}


@pytest.mark.parametrize("name", FACTS)
def test_every_sensor_file_becomes_time_series(shared, name):
    series = read_series(shared / "sensors" / name)
    stations, observations, units, begin, place = FACTS[name]
    assert (len(series.stations), len(series)) == (stations, observations)
    if units is not None:
        assert {item.key: item.unit for item in series.quantities} == units
    if begin is not None:
        assert series.begins[0] == np.datetime64(begin)
    if place is not None:
        assert series.stations.geometries.coordinates[0].tolist() == place


def test_values_are_those_of_the_files(shared):
    logger = read_series(shared / "sensors/geonovum_sta/1431Z936.MON")
    assert logger.values[:2].tolist() == [1360.0, 11.03] and logger.values[-2:].tolist() == [1379.4, 11.21]
    assert logger.stations.columns["station"].tolist() == ["24H258f6"]
    water = read_series(shared / "sensors/hydropandas/waterinfo_20231023_017.csv")
    assert water.values.tolist() == [43, 51, 60, 70, 82] and water.stations.crs == "EPSG:25831"
    noise = read_series(shared / "sensors/ngsi_ld/NoiseLevelObserved.normalized.jsonld")
    assert dict(zip([item.key for item in noise.quantities], noise.values)) == {
        "LAS": 91.6, "LAeq": 67.8, "LAeq_d": 65.4, "LAmax": 94.5,
    }  # fmt: skip
    assert noise.ends[0] - noise.begins[0] == np.timedelta64(1, "h")


def test_a_water_level_of_waterinfo_stands_where_its_utm_coordinates_say(shared, grids):
    row = describe_one(shared / "sensors/hydropandas/waterinfo_20231023_017.csv")
    assert (row["status"], row["source"], row["facts"]["observations"]) == ("loaded", "series", 5)
    assert not row["warnings"]  # in RD New, at Krimpen aan de Lek


def test_a_faulty_line_is_told_and_the_rest_is_read(shared):
    thing = read_series(shared / "sensors/geonovum_sta/thing.json")
    assert [str(item) for item in thing.remarks] == [
        "Line 8 of thing.json lacks the comma before it, which is put back."
    ]
    lines = b'{"phenomenonTime": "2026-01-01T00:00:00Z", "result": 1}\n{"phenomenonTime": "2026-\n' + (
        b'{"phenomenonTime": "2026-01-01T02:00:00Z", "result": 3}\n'
    )
    series = parse(lines, "a.json")
    assert series.values.tolist() == [1, 3] and "Line 2 of a.json" in str(series.remarks[0])


def test_results_that_are_no_numbers_are_no_values():
    rows = [{"phenomenonTime": "2026-01-01T00:00:00Z", "result": value} for value in ("wet", None, "2.5", True, [1])]
    series = parse(json.dumps(rows).encode(), "a.json")
    assert np.array_equal(series.values, [np.nan, np.nan, 2.5, 1.0, np.nan], equal_nan=True)
    assert series.qualities.tolist() == [INVALID, INVALID, 0, 0, INVALID]
    assert "'wet'" in str(series.remarks[0]) and series.remarks[0].times == 2


def test_an_interval_and_a_multidatastream():
    document = {
        "@iot.id": 1,
        "name": "kit",
        "Locations": [{"location": {"geometry": {"type": "Point", "coordinates": [4.9, 52.4, 1.0]}}}],
        "MultiDatastreams": [
            {
                "@iot.id": 2,
                "name": "weather",
                "unitOfMeasurements": [{"symbol": "Cel"}, {"name": "percent", "symbol": "%"}],
                "ObservedProperties": [{"name": "temperature"}, {"name": "humidity"}],
                "Observations": [
                    {"phenomenonTime": "2026-01-01T00:00:00Z/2026-01-01T01:00:00Z", "result": [3.5, 90],
                     "resultTime": "2026-01-01T01:00:05Z"},
                    {"phenomenonTime": "2026-01-01T02:00:00Z", "result": [3.5]},
                    {"phenomenonTime": "2026-01-01T03:00:00Z/2026-01-01T02:00:00Z", "result": [1, 2]},
                ],
            }
        ],
    }  # fmt: skip
    series = parse(json.dumps(document).encode(), "a.json")
    assert [(item.key, item.unit) for item in series.quantities] == [("temperature", "degC"), ("humidity", "%")]
    assert series.values.tolist() == [3.5, 90] and (series.ends - series.begins == np.timedelta64(1, "h")).all()
    assert series.results[0] == np.datetime64("2026-01-01T01:00:05")
    assert len(series.remarks) == 2  # one value for two quantities, and a period that ends before it begins


@pytest.mark.parametrize(
    "no2",
    [
        {"type": "Property", "value": 21.4, "unitCode": "GQ", "observedAt": "2026-05-04T10:00:00Z"},
        {"value": 21.4, "unitCode": "GQ", "observedAt": "2026-05-04T10:00:00Z"},  # concise
        [{"type": "Property", "value": 21.4, "unitCode": "GQ", "observedAt": "2026-05-04T10:00:00Z"}],
        {"type": "Property", "unitCode": "GQ", "values": [[21.4, "2026-05-04T10:00:00Z"]]},  # temporalValues
    ],
)
def test_an_entity_in_each_representation(no2):
    place = {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [4.79, 52.42]}}
    entity = {"id": "urn:ngsi-ld:AirQualityObserved:1", "type": "AirQualityObserved", "location": place, "no2": no2}
    series = parse(json.dumps([entity]).encode(), "a.json")
    assert [(item.key, item.unit, item.given) for item in series.quantities] == [("no2", "ug/m3", "GQ")]
    assert series.values.tolist() == [21.4] and series.begins[0] == np.datetime64("2026-05-04T10:00")
    assert series.stations.geometries.coordinates.tolist() == [[4.79, 52.42]]


def test_an_entity_of_key_values_has_the_time_of_the_whole():
    entity = {
        "id": "urn:ngsi-ld:TrafficFlowObserved:1", "type": "TrafficFlowObserved", "intensity": 197, "congested": False,
        "location": {"type": "Point", "coordinates": [4.79, 52.42]}, "laneId": "1",
        "dateObserved": "2026-05-04T10:00:00Z/2026-05-04T11:00:00Z",
    }  # fmt: skip
    series = parse(json.dumps(entity).encode(), "a.json")
    assert [item.key for item in series.quantities] == ["intensity"] and series.values.tolist() == [197]
    assert series.begins[0] == np.datetime64("2026-05-04T10:00") and series.ends[0] == np.datetime64("2026-05-04T11:00")
    forecast = {
        "id": "urn:x:AirQualityForecast:1", "type": "AirQualityForecast", "no2": 69,
        "validFrom": "2026-05-04T17:00:00Z", "validTo": "2026-05-04T18:00:00Z",
        "@context": ["https://smart-data-models.github.io/dataModel.Environment/context.jsonld"],
    }  # fmt: skip
    series = parse(json.dumps(forecast).encode(), "a.json")
    assert series.values.tolist() == [69] and series.ends[0] == np.datetime64("2026-05-04T18:00")


def test_two_instances_of_an_attribute_are_two_quantities():
    sensors = [
        {"type": "Property", "value": value, "datasetId": f"urn:{name}", "observedAt": "2026-05-04T10:00:00Z"}
        for value, name in ((1, "a"), (2, "b"))
    ]
    entity = {"id": "urn:ngsi-ld:X:1", "type": "X", "level": sensors}
    series = parse(json.dumps(entity).encode(), "a.json")
    assert [item.key for item in series.quantities] == ["level: urn:a", "level: urn:b"]


def test_concentrations_below_zero_are_suspect_and_stay():
    rows = [
        {"station_number": "NL1", "value": -0.4, "timestamp_measured": "2026-05-04T10:00:00+00:00", "formula": "NO2"},
        {"station_number": "NL1", "value": None, "timestamp_measured": "2026-05-04T11:00:00+02:00", "formula": "NO2"},
        {"station_number": "NL1", "value": 5, "timestamp_measured": "2026-05-04T11:00:00+02:00", "formula": "LKI"},
    ]
    series = parse(json.dumps({"pagination": {"last_page": 1}, "data": rows}).encode(), "a.json")
    assert series.values[0] == -0.4 and series.qualities.tolist() == [SUSPECT, INVALID, 0]
    assert series.begins[1] == np.datetime64("2026-05-04T09:00")
    assert [item.unit for item in series.quantities] == ["ug/m3", "1"]


def test_points_through_time_of_coveragejson():
    coverage = {
        "type": "Coverage",
        "eumetnet:locationId": "0-20000-0-06260",
        "domain": {"axes": {"x": {"values": [5.18]}, "y": {"values": [52.1]},
                            "t": {"values": ["2026-05-04T10:00:00Z", "2026-05-04T10:10:00Z"]}}},
        "ranges": {"ta": {"type": "NdArray", "values": [12.5, None]}, "bad": {"values": [1]}},
    }  # fmt: skip
    whole = {
        "type": "CoverageCollection",
        "parameters": {"ta": {"unit": {"symbol": {"value": "Cel"}}, "observedProperty": {"label": {"en": "Air"}}}},
        "coverages": [coverage, {"domain": 5}],
    }
    series = parse(json.dumps(whole).encode(), "a.json")
    assert series.values[0] == 12.5 and np.isnan(series.values[1]) and series.qualities.tolist() == [0, INVALID]
    assert series.quantities[0].unit == "degC" and series.stations.columns["station"].tolist() == ["0-20000-0-06260"]
    assert len(series.remarks) == 2


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b'{"@iot.id": ' + b"[" * 100_000, "nests deeper"),
        (b'{"@iot.id": 1,', "no JSON"),
        (b'{"result": NaN, "phenomenonTime": 5}', "no JSON"),
        (b"", "no time series"),
        (b"<html>not found</html>", "no time series"),
        (b"Data file for DataLogger\nnothing", "no \\[Data\\]"),
    ],
)
def test_what_is_no_measurement_is_refused_in_a_sentence(body, sentence):
    with pytest.raises(FormatError, match=sentence):
        parse(body, "a")


@pytest.mark.parametrize(
    "odd",
    [
        {"@iot.id": {"a": 1}, "phenomenonTime": 5, "result": {}},
        {"value": [None, 5, {"@iot.id": 1, "Datastreams": "x", "Locations": {"a": 1}, "properties": []}]},
        {"@iot.id": 1, "unitOfMeasurement": "m", "Observations": [{"phenomenonTime": "x", "result": 1}]},
        {
            "id": "urn:ngsi-ld:X:1",
            "type": ["X"],
            "location": {"value": {"coordinates": [[[[]]]]}},
            "a": {"value": 1e400},
        },
        {"pagination": None, "data": [5, {"timestamp_measured": 5}]},
        {"type": "CoverageCollection", "coverages": {"a": 1}},
        {"payload_fields": [], "dev_id": None, "metadata": "x"},
        {"lon": {"1": "x"}, "lat": {"1": []}, "name": {"1": {"a": 1}}},
    ],
)
def test_odd_values_in_the_right_places_do_no_harm(odd):
    body = json.dumps(odd).replace("Infinity", "1e400").encode()
    series = parse(body, "a.json")
    assert np.isfinite(series.values).sum() == 0


def test_a_text_with_thousands_of_faults_is_refused_soon():
    good = b'{"@iot.id":1,"phenomenonTime":"2026-10-25T02:30:00Z","result":1}\n'
    assert len(parse(good + b'{"a": }\n' * 1000, "s")) == 1
    with pytest.raises(FormatError, match="broken in more than .* line 2"):  # it took minutes
        parse(good + b'{"a": }\n' * 50_000, "s")


def test_numbers_that_a_broker_writes_as_texts_are_values_and_words_are_none():
    told = {"observedAt": "2026-01-01T00:00:00Z"}
    entity = {"id": "urn:ngsi-ld:a:1", "type": "AirQualityObserved", "code": "17"}
    for name, value in (("NO2", "21.5"), ("level", "good")):
        entity[name] = {"type": "Property", "value": value, **told}
    series = parse(json.dumps(entity).encode(), "s")
    assert [item.name for item in series.quantities] == ["NO2"] and series.values.tolist() == [21.5]


def test_observations_in_rows_of_an_array(tmp_path):
    things = {
        "@iot.id": 7, "name": "well", "Locations": [{"location": {"type": "Point", "coordinates": [4.9, 52.4]}}],
        "Datastreams": [{"@iot.id": 1, "name": "level", "unitOfMeasurement": {"symbol": "m"}},
                        {"@iot.id": "b", "name": "temperature", "unitOfMeasurement": {"symbol": "Cel"}}],
    }  # fmt: skip
    rows = [
        {"Datastream@iot.navigationLink": "https://a/v1.1/Datastreams(1)", "components": ["phenomenonTime", "result"],
         "dataArray@iot.count": 2, "dataArray": [["2026-01-01T00:00:00Z", 1.5], ["2026-01-01T01:00:00Z", 1.25]]},
        {"Datastream": {"@iot.id": "b"}, "components": ["result", "phenomenonTime", "id"],
         "dataArray": [[11.0, "2026-01-01T00:00:00Z", 5], ["too short"]]},
    ]  # fmt: skip
    (tmp_path / "a.json").write_text(json.dumps({"value": rows}))
    (tmp_path / "b.json").write_text(json.dumps(things))
    series = read_series(tmp_path)
    read = [(series.quantities[kind].key, value) for kind, value in zip(series.quantity, series.values.tolist())]
    assert read == [("level", 1.5), ("level", 1.25), ("temperature", 11.0)]
    assert series.stations.columns["station"].tolist() == ["7"] and "do not fit" in str(series.remarks[0])


def test_sensors_and_properties_are_no_stations(tmp_path):
    pieces = {
        "Things": [{"@iot.id": 1, "name": "mast", "description": "", "properties": {}}],
        "Sensors": [{"@iot.id": 1, "name": "SDS011", "description": "", "encodingType": "application/pdf",
                     "metadata": "https://a/b.pdf"}],
        "ObservedProperties": [{"@iot.id": 1, "name": "PM2.5", "definition": "https://a/pm25", "description": ""}],
        "HistoricalLocations": [{"@iot.id": 1, "time": "2026-01-01T00:00:00Z"}],
    }  # fmt: skip
    for name, entities in pieces.items():
        (tmp_path / f"{name}.json").write_text(json.dumps({"value": entities}))
    assert read_series(tmp_path).stations.columns["name"].tolist() == ["mast"]


def test_two_datastreams_of_one_property_are_two_quantities():
    streams = [
        {"@iot.id": number, "name": name, "unitOfMeasurement": {"symbol": "Cel"}, "ObservedProperty": {"name": "Temp"},
         "Observations": [{"phenomenonTime": "2026-01-01T00:00:00Z", "result": value}]}
        for number, name, value in ((1, "inside", 20.5), (2, "outside", 3.0))
    ]  # fmt: skip
    for documents in ({"@iot.id": 7, "name": "mast", "Datastreams": streams}, {"value": streams}):
        series = parse(json.dumps(documents).encode(), "a.json").unique()
        assert {series.quantities[kind].key: value for kind, value in zip(series.quantity, series.values.tolist())} == {
            "Temp: inside 1": 20.5, "Temp: outside 2": 3.0,
        }  # fmt: skip
    alone = parse(json.dumps({"value": streams[:1]}).encode(), "a.json")
    assert [item.key for item in alone.quantities] == ["Temp"]


def test_rows_of_two_datastreams_that_nothing_is_told_of_stay_apart():
    rows = [
        {"Datastream@iot.navigationLink": f"Datastreams({number})", "components": ["phenomenonTime", "result"],
         "dataArray": [["2026-01-01T00:00:00-0700", number]]} for number in (1, 2)
    ]  # fmt: skip
    series = parse(json.dumps({"value": rows}).encode(), "a.json").unique()
    assert series.values.tolist() == [1, 2] and series.begins[0] == np.datetime64("2026-01-01T07:00")
