import json
import time

import numpy as np
import pytest

from dtwin_plugin.data import Grid
from dtwin_plugin.errors import Cancelled, DtwinError, FormatError, InputError, ModelError, UnavailableError
from dtwin_plugin.models.base import WANTED, Field
from dtwin_plugin.processes.client import Client, Deviations
from dtwin_plugin.processes.client.talk import Rules, Talk
from dtwin_plugin.processes.media import Link, encode
from dtwin_plugin.processes.remote import JobStore, Registered, fetched, models_of, read_server, remote_model
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.requests_transport import RequestsTransport

SLOWEST = 2.0  # s that a test waits for a server which hangs for 5


@pytest.fixture
def server(processes_server):
    state = processes_server.State(descriptions={"echo": processes_server.echo()}, results={"said": "hello"})
    with processes_server.serve(state):
        yield state


def client_of(state, *, hosts=(), progress=None, strict=False, patience=0.0):
    rules = Rules(state.url, tuple(hosts))
    transport = RequestsTransport(may_lead=rules.allows)
    return Client(
        Talk(rules, transport, None, progress or Silent(), Deviations(strict), SLOWEST, SLOWEST, patience, 0.02)
    )


def registered(state, **more):
    return Registered("own", "Own", state.url, processes=state.descriptions, **more)


def run(state, values=None, *, process="echo", jobs=None, progress=None, **more):
    model = remote_model(registered(state), process, lambda *_: client_of(state, progress=progress, **more), jobs)
    return model.run({"text": "hi", **(values or {})}, progress or Silent())


def codes(client):
    return [one.code for one in client.deviations.found]


def test_a_good_server_is_read_without_a_deviation(server):
    client = client_of(server, strict=True)
    found = read_server(client, "own", server.url)
    assert (found.title, list(found.processes), len(found.conformance)) == ("Server of a test", ["echo"], 1)
    assert found.deviations == ()


def test_a_process_is_executed_as_a_job_and_its_result_comes_back(server, tmp_path):
    jobs = JobStore(tmp_path)
    assert run(server, jobs=jobs) == {"said": "hello"}
    assert server.posted == [
        {"inputs": {"text": "hi"}, "outputs": {"said": {"transmissionMode": "value"}}, "response": "document"}
    ]
    (record,) = jobs.all()
    assert (record.status, record.fetched, record.job, record.model) == ("successful", True, "job1", "own_echo")
    assert any("running" in line for line in record.log)


def test_a_process_that_has_no_jobs_is_executed_at_once(server):
    server.descriptions["echo"]["jobControlOptions"] = ["sync-execute"]
    assert run(server) == {"said": "hello"}
    assert not server.polled


@pytest.mark.parametrize(
    ("quirks", "code"),
    [
        ({"null job"}, "OP08"), ({"null job", "no body"}, "OP08"), ({"own states"}, "OP10"), ({"pygeoapi"}, "OP11"),
        ({"late job"}, None), ({"wrong host"}, None), ({"sync only"}, None),
    ],
)  # fmt: skip
def test_what_servers_bend_is_read_all_the_same_and_told(server, quirks, code):
    server.quirks |= quirks
    client = client_of(server)
    model = remote_model(registered(server), "echo", lambda *_: client)
    assert model.run({"text": "hi"}, Silent()) == {"said": "hello"}
    assert code is None or code in codes(client)


@pytest.mark.parametrize(
    ("quirk", "code"),
    [
        ("no links", "OP01"),
        ("no conformance", "OP02"),
        ("next elsewhere", "OP13"),
        ("no limit", "OP17"),
        ("no landing", "OP01"),
    ],
)
def test_a_strict_check_refuses_what_a_tolerant_reader_tells(server, quirk, code):
    server.quirks.add(quirk)
    server.other = "http://other.example"
    client = client_of(server)
    assert list(read_server(client, "own", server.url).processes) == ["echo"]
    assert code in codes(client)
    with pytest.raises(FormatError, match=code):
        read_server(client_of(server, strict=True), "own", server.url)


def test_lists_of_several_pages_are_read_whole(server, processes_server):
    server.descriptions |= {f"p{n}": processes_server.echo() for n in range(4)}
    server.quirks.add("pages")
    assert len(client_of(server).processes()) == 5


@pytest.mark.parametrize(
    ("quirk", "kind", "sentence"),
    [
        ("500", UnavailableError, "The database of the server is down"),
        ("hangs", UnavailableError, "did not answer within"),
        ("dies", UnavailableError, "No whole answer came|ends after"), ("invalid json", FormatError, "not valid JSON"),
        ("html", FormatError, "not valid JSON"), ("paging loop", FormatError, "do not end"),
    ],
)  # fmt: skip
def test_a_server_that_fails_is_one_sentence(server, quirk, kind, sentence):
    server.quirks.add(quirk)
    with pytest.raises(kind, match=sentence):
        client_of(server).processes()


@pytest.mark.parametrize(
    ("quirk", "sentence"), [("refuses", "The text is too long"), ("old exception", "The text is wrong")]
)
def test_a_refusal_has_the_servers_own_sentence(server, quirk, sentence):
    server.quirks.add(quirk)
    with pytest.raises(InputError, match=sentence):
        run(server)


def test_a_job_that_fails_tells_why(server, tmp_path):
    server.quirks.add("job fails")
    with pytest.raises(ModelError, match="The well is dry"):
        run(server, jobs=JobStore(tmp_path))
    assert JobStore(tmp_path).all()[0].status == "failed"


def test_a_moment_of_trouble_does_not_end_a_job(server):
    server.quirks.add("job 500")
    server.polls = 3
    assert run(server, patience=0.1) == {"said": "hello"}


@pytest.mark.parametrize(("quirk"), ["redirect file", "redirect elsewhere"])
def test_a_result_that_leads_elsewhere_is_refused_and_not_asked(server, processes_server, quirk):
    other = processes_server.State()
    with processes_server.serve(other) as elsewhere:
        server.other = elsewhere.replace("127.0.0.1", "localhost")
        server.quirks.add(quirk)
        with pytest.raises(DtwinError, match="refused|not one of a web server"):
            run(server)
        assert other.asked == []


def link_to(state, href):
    state.results = {"said": {"href": href, "type": "text/plain"}}


@pytest.mark.parametrize(
    "href",
    ["file:///etc/passwd", "ftp://a.nl/x", "http://other.example/x", "//other.example/x", "http://u:p@127.0.0.1/"],
)
def test_a_link_that_leads_elsewhere_is_refused(server, href):
    link_to(server, href)
    with pytest.raises(FormatError, match="refused"):
        run(server)


def test_a_link_within_the_server_or_to_an_allowed_host_is_fetched(server, processes_server):
    link_to(server, "/file.bin")
    assert run(server) == {"said": "of a link"}
    other = processes_server.State()
    with processes_server.serve(other):
        link_to(server, other.url + "/file.bin")
        with pytest.raises(FormatError, match="refused"):
            run(server)
        assert run(server, hosts=[other.url.partition("//")[2]]) == {"said": "of a link"}
        assert len(other.asked) == 1


def test_results_in_parts_and_by_link_headers_are_read(server):
    server.quirks = {"multipart"}
    assert run(server) == {"said": "hello"}
    server.quirks = {"204", "sync only"}
    assert run(server) == {"said": "of a link"}


class Stops(Silent):
    def __init__(self, after):
        super().__init__()
        self.left = after

    def report(self, fraction, message="", **values):
        self.left -= "running" in str(values.get("status"))

    def is_cancelled(self):
        return self.left <= 0


def test_to_stop_is_to_dismiss(server, tmp_path):
    server.quirks.add("never ends")
    jobs = JobStore(tmp_path)
    progress = Stops(1)
    with pytest.raises(Cancelled):
        run(server, jobs=jobs, progress=progress)
    assert server.dismissed == ["job1"] and jobs.all()[0].status == "dismissed"


def test_to_stop_does_not_wait_for_a_server_that_hangs(server, tmp_path):
    server.quirks |= {"never ends", "hangs"}
    began = time.monotonic()
    with pytest.raises(Cancelled):
        run(server, jobs=JobStore(tmp_path), progress=Stops(1))
    # of the two seconds one is for a busy machine; the server takes three
    assert time.monotonic() - began < 2
    assert JobStore(tmp_path).all()[0].status == "running"


def test_a_raster_goes_there_and_comes_back_to_the_last_bit(server):
    schema = {"type": "string", "contentEncoding": "binary", "contentMediaType": "image/tiff; application=geotiff"}
    server.descriptions["echo"] |= {"inputs": {"dem": {"schema": schema}}, "outputs": {"said": {"schema": schema}}}
    grid = Grid(np.array([[0.1, np.nan], [2, 3]]), 84000, 447000, 0.5, unit="m", name="height")
    data = encode(Field("a", "A", "grid"), grid).data
    server.raw = (data, "image/tiff; application=geotiff")
    found = run(server, {"dem": grid})["said"]
    assert encode(Field("a", "A", "grid"), found).data == data
    assert server.posted[0]["response"] == "raw"
    assert server.posted[0]["inputs"]["dem"]["mediaType"] == schema["contentMediaType"]
    server.raw = (b"<html>", "text/html")
    with pytest.raises(FormatError, match="expected a GeoTIFF"):
        run(server, {"dem": grid})


def test_only_outputs_that_are_wanted_are_asked(server):
    server.descriptions["echo"]["outputs"]["more"] = {"schema": {"type": "number"}}
    run(server, {WANTED: {"said"}})
    assert list(server.posted[0]["outputs"]) == ["said"]


def test_a_job_is_found_again_by_another_and_its_result_fetched(server, tmp_path):
    class GoneError(Exception):
        pass

    class Dies(Silent):
        def report(self, fraction, message="", **values):
            if values.get("status") == "running":
                raise GoneError

    with pytest.raises(GoneError):
        run(server, jobs=JobStore(tmp_path), progress=Dies())
    (record,) = JobStore(tmp_path).all()
    assert record.status == "running"
    client = client_of(server)
    ended = client.follow(record.info())
    record = JobStore(tmp_path).change(record, ended)
    model, made = fetched(registered(server), record, client, Silent())
    assert (model.id, made) == ("own_echo", {"said": "hello"})


def test_a_server_that_falls_silent_ends_the_run_and_keeps_the_job(server, tmp_path):
    class Falls(Silent):
        def report(self, fraction, message="", **values):
            if values.get("status") == "running":
                server.quirks.add("500")

    with pytest.raises(UnavailableError, match="does not answer any more.*fetch its results later"):
        run(server, jobs=JobStore(tmp_path), progress=Falls())
    assert [record.status for record in JobStore(tmp_path).all()] == ["running"]


def test_files_that_are_no_jobs_are_passed_over(tmp_path):
    (tmp_path / ("a" * 32 + ".json")).write_text(json.dumps({"key": "../../x", "status": "running"}))
    (tmp_path / ("b" * 32 + ".json")).write_text("[" * 5000)
    (tmp_path / "notes.json").write_text("{}")
    assert JobStore(tmp_path).all() == []
    with pytest.raises(InputError):
        JobStore(tmp_path).get("../../etc/passwd")


def test_a_description_with_ten_thousand_inputs_is_left_out_and_the_others_stay(server, processes_server):
    server.descriptions["large"] = processes_server.echo(
        **{f"p{n}": {"schema": {"type": "number"}} for n in range(10_000)}
    )
    models, left_out = models_of(registered(server), lambda *_: None)
    assert list(models) == ["own_echo"] and "10000 inputs" in left_out["large"]


def test_the_official_description_that_is_no_json_is_a_clear_error(server, shared):
    server.descriptions["EchoProcess"] = (shared / "ogcapi/ogcapi_processes/ProcessDescription.json").read_bytes()
    with pytest.raises(FormatError, match=r"EchoProcess is not valid JSON \(Expecting ',' delimiter: 162:7\)"):
        client_of(server).description("EchoProcess")
    progress = Silent()
    found = read_server(client_of(server), "own", server.url, progress=progress)
    assert list(found.processes) == ["echo"] and "EchoProcess is left out" in progress.warnings[0]


def test_an_address_that_is_none_is_refused_in_one_sentence(server):
    with pytest.raises(FormatError, match="leads to"):
        client_of(server).fetch(Link("http://[broken"))
