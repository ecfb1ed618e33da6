"""What servers send to do harm, or by mistake: refused in one sentence, and never another number than was sent."""

import json

import numpy as np
import pytest

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.errors import FormatError, InputError
from dtwin_plugin.models.base import Field
from dtwin_plugin.processes.client import Client, Deviations, JobInfo
from dtwin_plugin.processes.client.results import results_of
from dtwin_plugin.processes.client.talk import Rules, Talk
from dtwin_plugin.processes.json_text import parsed
from dtwin_plugin.processes.media import Value, decode, encode
from dtwin_plugin.processes.remote import JobRecord, JobStore, Registered, bindings_of, fetched, models_of
from dtwin_plugin.processes.remote.asking import values_of
from dtwin_plugin.processes.remote.schema import shape_of
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.transport import Response


@pytest.mark.parametrize("text", [b'{"a": 1e999}', b"[-1e400]", b"1" * 309, b'{"a": [' + b"9" * 4000 + b"]}"])
def test_a_number_that_no_float_holds_is_refused(text):
    with pytest.raises(FormatError, match="larger than a number can be"):
        parsed(text, "the answer")


def test_the_largest_numbers_are_read():
    assert parsed(b"[1.7976931348623157e308, " + b"9" * 308 + b"]", "x") == [1.7976931348623157e308, 10**308 - 1]


def test_half_a_character_can_be_kept_in_a_file():
    found = parsed(rb'{"message": "a \ud800 b", "c": "\ud83d\ude00"}', "x")
    assert found == {"message": "a ? b", "c": "😀"} and json.dumps(found, ensure_ascii=False).encode("utf-8")


@pytest.mark.parametrize(
    "inner",
    [
        {"type": "array", "items": {"$ref": "#/a"}},
        {"allOf": [{"type": "array", "items": {"$ref": "#/a"}}, {"oneOf": [{"$ref": "#/a"}]}]},
        {"oneOf": [{"$ref": "#/a"}, {"type": "array", "items": {"anyOf": [{"$ref": "#/a"}, {"$ref": "#/a"}]}}]},
    ],
)
def test_a_list_of_itself_is_json(inner):
    shape = shape_of({"$ref": "#/a"}, {"a": inner})
    assert (shape.kind, shape.is_json) == ("text", True)


def test_one_description_does_not_take_the_others_with_it():
    good = {"outputs": {"b": {"schema": {"type": "number"}}}, "inputs": {}}
    bad = {"inputs": {"a": {"schema": {"type": "number", "minimum": 10**400}}}, "outputs": {}}  # in a file of a profile
    models, left_out = models_of(Registered("x", "X", "https://a.nl", processes={"bad": bad, "good": good}), None)
    assert [*models] == ["x_good"] and [*left_out] == ["bad"]


def value(kind, data, folder, **more):
    return decode(Field("x", "X", kind), Value(data), folder, **more)


def test_a_long_whole_number_keeps_its_last_digits(tmp_path):
    assert value("integer", "9007199254740993", tmp_path) == value("integer", 2**53 + 1, tmp_path) == 2**53 + 1


@pytest.mark.parametrize(
    ("kind", "data"),
    [("integer", float("inf")), ("datetime", "0001-01-01T00:00:00+02:00"), ("datetime", "9999-12-31T23:59:59-02:00")],
)
def test_what_has_no_value_is_refused_in_one_sentence(kind, data, tmp_path):
    with pytest.raises(FormatError, match="X is .*; expected"):
        value(kind, data, tmp_path)


def test_columns_that_are_not_of_their_type_keep_their_values(tmp_path):
    told = {"a": {"type": "bool"}, "b": {"type": "int32"}, "c": {"type": "int8"}, "d": {"type": "int64"}}
    rows = [{"a": None, "b": 1.5, "c": 300, "d": None}, {"a": True, "b": 2, "c": 1, "d": 7}]
    members = [
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [5, 52]}, "properties": row} for row in rows
    ]
    found = value(
        "features", {"type": "FeatureCollection", "x-dtwin": {"columns": told}, "features": members}, tmp_path
    )
    columns = {name: values.tolist() for name, values in found.columns.items()}
    assert columns.pop("d")[1] == 7 and np.isnan(found.columns["d"][0])
    assert columns == {"a": [None, True], "b": [1.5, 2], "c": [300, 1]}


@pytest.mark.parametrize("name", ["features", "type", "other"])
def test_a_collection_keeps_its_reference_system_whatever_its_output_is_called(name, tmp_path):
    place = {"type": "Point", "coordinates": [121000, 487000]}
    document = {
        "type": "FeatureCollection",
        "coordRefSys": "http://www.opengis.net/def/crs/EPSG/0/28992",
        "features": [{"type": "Feature", "geometry": None, "place": place, "properties": {}}],
    }
    answer = Response(200, json.dumps(document).encode(), {"content-type": "application/json"}, "https://a.nl/x")
    found = results_of(answer, [name], Deviations())[name]
    assert value("features", found.data, tmp_path).crs == "EPSG:28992"
    whole = Response(200, json.dumps({name: document}).encode(), {"content-type": "application/json"}, "https://a.nl/x")
    assert results_of(whole, [name], Deviations())[name].data == document


def test_parts_within_a_part_are_refused():
    inner = b"Content-Type: multipart/mixed; boundary=y\r\nContent-ID: <a>\r\n\r\n--y\r\n\r\nabc\r\n--y--\r\n"
    kind = {"content-type": "multipart/related; boundary=x"}
    with pytest.raises(FormatError, match="parts of its own"):
        results_of(Response(200, b"--x\r\n" + inner + b"--x--\r\n", kind, "https://a.nl/x"), ["a"], Deviations())


def test_features_are_not_called_degrees_where_they_are_none(stand_in_grids):
    shapes = Geometries.points(np.array([[628000.0, 5805000.0]]))  # UTM 31N, Amsterdam
    found = encode(Field("x", "X", "features"), Features(shapes, {}, {}, "EPSG:25831"), "application/geo+json").data
    assert found["features"][0]["geometry"]["coordinates"][0] == pytest.approx([4.88, 52.38], abs=0.02)
    with pytest.raises(FormatError, match="Ask for JSON-FG"):
        encode(Field("x", "X", "features"), Features(shapes, {}, {}, "WKT:LOCAL_CS"), "application/geo+json")


def test_a_job_that_was_taken_off_the_list_elsewhere_does_not_come_back(tmp_path):
    one, other = JobStore(tmp_path), JobStore(tmp_path)  # two QGIS with the same profile
    record = one.add(JobRecord("", "own", "echo", "Echo", "own_echo", "1", "https://a.nl/jobs/1"))
    other.mark_fetched(other.get(record.key))
    assert one.change(record, JobInfo("1", "running")).fetched and one.get(record.key).status == "running"
    other.forget(record.key)
    one.change(record, JobInfo("1", "successful"))
    one.mark_fetched(record)
    assert one.all() == []


def test_a_job_of_a_process_that_is_gone_is_one_sentence():
    record = JobRecord("", "own", "echo", "Echo", "own_echo", "1", "https://a.nl/jobs/1", status="successful")
    with pytest.raises(InputError, match="does not offer echo any more"):
        fetched(Registered("own", "Own", "https://a.nl"), record, None, Silent())


def answering(*answers):
    """Return a client of a server that gives these answers, one after the other."""
    left = list(answers)

    class Transport:
        def get(self, url, params=None, **more):
            asked.append(url)
            return Response(200, json.dumps(left.pop(0)).encode(), {"content-type": "application/json"}, url)

        def post(self, url, body, **more):
            return Response(201, json.dumps(left.pop(0)).encode(), {"content-type": "application/json"}, url)

    asked = []
    return Client(Talk(Rules("https://a.nl"), Transport(), interval=0.0)), asked


def test_a_job_whose_server_does_not_tell_where_it_is_is_looked_for_where_the_standard_has_it():
    client, asked = answering({"jobID": "7/8", "status": "accepted"}, {"jobID": "7/8", "status": "successful"})
    job = client.execute("p", {}, asynchronous=True, names=["a"]).job
    assert client.follow(job).status == "successful" and asked == ["https://a.nl/jobs/7%2F8"]


def test_a_list_that_is_too_long_is_not_looked_through():
    client, _ = answering({"processes": [{"id": f"p{number}"} for number in range(10_000)]})
    with pytest.raises(FormatError, match="more than 2000 processes"):
        client.processes()
    assert client.deviations.found == []


def test_no_more_deviations_are_kept_than_anybody_reads():
    kept = Deviations()
    for number in range(3000):
        kept.note("OP04", "https://a.nl", number)
    assert len(kept.found) == 1000


def test_an_answer_without_any_result_is_no_success():
    description = {"outputs": {"a": {"schema": {"type": "number"}}}, "inputs": {}}
    server = Registered("own", "Own", "https://a.nl", processes={"p": description})
    client, _ = answering({"jobID": "1", "status": "successful", "message": "a\n\nb"}, {})
    job = client.execute("p", {}, asynchronous=True, names=["a"]).job
    assert job.message == "a b"
    with pytest.raises(FormatError, match="none of the results"):
        values_of(client, bindings_of(description, Deviations(), "p")[1], {}, Silent())
    assert models_of(server, None)[1] == {}
