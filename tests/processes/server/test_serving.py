"""The real server with our models, asked over HTTP: what it offers, how it carries out, and how it refuses."""

import hashlib
import json
import re
import subprocess
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from dtwin_plugin.models import MODELS
from dtwin_plugin.models.base import WANTED
from dtwin_plugin.processes.media import decode, encode, value_of
from dtwin_plugin.progress import Silent

CONF = "http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf/"
EXCEPTIONS = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0/"


def sha(data):
    return hashlib.sha256(data).hexdigest()


def locally(model, values, *wanted):
    """What plain Python makes of a model, as the values that travel."""
    filled = {item.name: values.get(item.name, item.default) for item in model.inputs}
    made = model.run({**filled, WANTED: set(wanted)}, Silent())
    return {item.name: encode(item, made[item.name]) for item in model.outputs if item.name in wanted}


def scan(made, **more):
    return {"inputs": {"terrain": made.document("floodscan", "terrain", made.valley())}, **more}


# --- what it offers ---


def test_all_models_are_processes(server):
    status, found = server.json("/processes?f=json")
    assert status == 200 and {one["id"] for one in found["processes"]} == set(MODELS)


def test_a_description_is_that_of_the_model_and_of_the_standard(server, shared):
    jsonschema = pytest.importorskip("jsonschema")
    path = shared / "ogcapi" / "ogcapi_processes" / "ogcapi-processes.bundled.json"
    components = json.loads(path.read_text("utf-8"))["components"]
    schemas = components["schemas"]  # in bundling, the schema of a collection took the name of that of an input
    schemas["schema"] = schemas["schema"]["properties"]["properties"]["additionalProperties"]
    root = {"$ref": "#/components/schemas/process", "components": components}
    for name in ("flood", "clash", "settlement", "floodensemble"):
        _, found = server.json(f"/processes/{name}?f=json")
        jsonschema.Draft202012Validator(root).validate(found)
        assert set(found["jobControlOptions"]) == {"sync-execute", "async-execute", "dismiss"}
        assert found["outputTransmission"] == ["value", "reference"]
        assert set(found["outputs"]) == {item.name for item in MODELS[name].outputs}


def test_whom_a_run_may_call_is_no_business_of_who_asks(server, made):
    _, found = server.json("/processes/floodensemble?f=json")
    assert "cluster" not in found["inputs"] and "terrain" in found["inputs"]
    body = {"inputs": {"terrain": made.terrain_of().as_json(), "cluster": "tcp://10.0.0.1:8786"}}
    status, refused = server.json("/processes/floodensemble/execution", body=body)
    assert status == 400 and "has no input cluster" in refused["detail"]


def test_conformance_is_what_is_done(server):
    found = {name.removeprefix(CONF) for name in server.json("/conformance?f=json")[1]["conformsTo"]}
    assert {"core", "json", "ogc-process-description", "job-list", "dismiss", "oas30"} <= found
    assert "callback" not in found


def test_the_openapi_document_is_valid_and_needs_nothing_from_elsewhere(server, root, pygeoapi_server):
    file = server.folder / "openapi.json"
    code = (
        "import json, sys; from openapi_spec_validator import OpenAPIV30SpecValidator as V\n"
        "print([e.message for e in V(json.load(open(sys.argv[1]))).iter_errors()])"
    )
    done = subprocess.run([pygeoapi_server.python(root), "-c", code, file], capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr
    document = json.loads(file.read_text("utf-8"))
    assert not re.search(r'"\$ref": "http', file.read_text("utf-8"))
    assert {f"/processes/{name}/execution" for name in MODELS} < set(document["paths"])
    post = document["paths"]["/processes/flood/execution"]["post"]["requestBody"]["content"]["application/json"]
    rain = post["schema"]["properties"]["inputs"]["properties"]["rain"]
    assert (rain["type"], rain["minimum"], rain["maximum"]) == ("number", 0, 1000)
    _, served = server.json("/openapi?f=json")
    assert set(served["paths"]) == set(document["paths"])


def test_the_server_runs_where_qgis_is_not(server, models_server, root, pygeoapi_server, tmp_path):
    code = "import dtwin_plugin.models.registry\ntry:\n    import qgis\nexcept ImportError:\n    print('none')"
    python = pygeoapi_server.python(root)
    environment = models_server.environment(root, tmp_path)
    done = subprocess.run([python, "-c", code], env=environment, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "none", done.stderr


# --- how it carries out ---


def test_one_raw_result_is_the_bytes_that_plain_python_gives(server, made):
    body = scan(made, outputs={"depth": {}})
    status, headers, data = server.execute("floodscan", body)
    assert status == 200, data
    expected = locally(MODELS["floodscan"], {"terrain": made.valley()}, "depth")["depth"]
    assert headers["Content-Type"] == expected.media_type
    assert sha(data) == sha(expected.data)


def test_a_document_holds_values_and_links_as_asked(server, made, tmp_path):
    outputs = {"depth": {"transmissionMode": "reference"}, "paths": {}, "stored": {}, "balance": {}}
    job = server.start("floodscan", scan(made, outputs=outputs, response="document"))
    status = server.wait(job, "successful", "failed")
    assert status["status"] == "successful" and status["progress"] == 100 and status["finished"]
    _, found = server.json(f"/jobs/{job}/results")
    assert set(found) == set(outputs)
    expected = locally(MODELS["floodscan"], {"terrain": made.valley()}, *outputs)
    assert found["depth"] == {"href": f"{server.url}/jobs/{job}/results/depth", "type": expected["depth"].media_type}
    assert sha(server.ask(found["depth"]["href"])[2]) == sha(expected["depth"].data)
    assert found["stored"] == expected["stored"].data
    for name in ("paths", "balance"):
        assert found[name] == expected[name].as_json()
    item = next(item for item in MODELS["floodscan"].outputs if item.name == "paths")
    assert len(decode(item, value_of(found["paths"], "paths"), tmp_path)) > 0


def test_several_raw_results_come_in_one_body_of_parts(server, made):
    from email import message_from_bytes

    outputs = {"depth": {}, "stored": {}, "left": {"transmissionMode": "reference"}}
    status, headers, data = server.execute("floodscan", scan(made, outputs=outputs))
    assert status == 200 and headers["Content-Type"].startswith("multipart/related")
    whole = message_from_bytes(b"Content-Type: " + headers["Content-Type"].encode() + b"\r\n\r\n" + data)
    parts = {part["Content-ID"]: part for part in whole.get_payload()}
    assert set(parts) == {"<depth>", "<stored>", "<left>"}
    expected = locally(MODELS["floodscan"], {"terrain": made.valley()}, "depth", "stored")
    assert data.count(expected["depth"].data) == 1
    assert json.loads(parts["<stored>"].get_payload()) == expected["stored"].data
    assert parts["<left>"]["Content-Location"].endswith("/results/left") and not parts["<left>"].get_payload()


def test_one_result_as_a_link_is_no_content(server, made):
    outputs = {"depth": {"transmissionMode": "reference"}}
    status, headers, data = server.execute("floodscan", scan(made, outputs=outputs))
    assert (status, data) == (204, b"")
    url = re.match(r"<([^>]+)>; rel=\"depth\"", headers["Link"]).group(1)
    assert server.ask(url)[2].startswith(b"II*\0")


@pytest.mark.parametrize(
    "form", ["application/vnd.ogc.fg+json", "application/geopackage+sqlite3", "application/gml+xml"]
)
def test_features_come_and_go_in_the_form_that_is_asked(server, made, form, tmp_path):
    model = MODELS["floodscan"]
    buildings = encode(model.input("buildings"), made.houses(), form)
    body = scan(made, outputs={"depressions": {"format": {"mediaType": form}}})
    body["inputs"]["buildings"] = buildings.as_json()
    status, headers, data = server.execute("floodscan", body)
    assert status == 200, data
    assert headers["Content-Type"].startswith(form)
    item = next(item for item in model.outputs if item.name == "depressions")
    from dtwin_plugin.processes.media import Value

    assert len(decode(item, Value(data, headers["Content-Type"]), tmp_path, to_rd=True)) > 0


def test_layers_are_cut_to_the_area_as_in_the_toolbox(server, made):
    from dtwin_plugin.data import Extent

    terrain = made.valley()
    area = Extent(terrain.x_min + 5, terrain.y_max - 50, terrain.x_min + 60, terrain.y_max - 5)
    body = scan(made, outputs={"depth": {}})
    body["inputs"]["extent"] = made.document("floodscan", "extent", area)
    _, _, data = server.execute("floodscan", body)
    expected = locally(MODELS["floodscan"], {"terrain": terrain.window(area), "extent": area}, "depth")["depth"]
    assert sha(data) == sha(expected.data)


@pytest.mark.parametrize("prefer", ["wait=0", "WAIT = 0", "handling=lenient, wait=0"])
def test_a_request_is_waited_for_no_longer_than_it_asks(server, made, prefer):
    path = "/processes/floodscan/execution"
    status, headers, data = server.ask(path, scan(made), headers={"Prefer": prefer})
    job = json.loads(data)["jobID"]
    assert status == 201 and headers["Location"] == f"{server.url}/jobs/{job}"
    server.wait(job, "successful")


def test_asynchronous_execution_is_told_to_be_applied(server, made):
    path = "/processes/floodscan/execution"
    status, headers, data = server.ask(path, scan(made), headers={"Prefer": "respond-async, wait=5"})
    assert (status, headers["Preference-Applied"]) == (201, "respond-async")
    assert json.loads(data)["status"] in ("accepted", "running")
    server.wait(json.loads(data)["jobID"], "successful")


def test_jobs_are_listed_and_forgotten(server, made):
    job = server.start("floodscan", scan(made))
    server.wait(job, "successful")
    _, listed = server.json("/jobs?f=json&limit=100")
    assert job in {one["jobID"] for one in listed["jobs"]}
    status, gone = server.json(f"/jobs/{job}", method="DELETE")
    assert status == 200 and gone["status"] == "dismissed"
    assert server.ask(f"/jobs/{job}")[0] == 404
    assert job not in {one["jobID"] for one in server.json("/jobs?f=json&limit=100")[1]["jobs"]}


# --- by reference ---


def test_an_input_of_the_data_folder_is_read(server, made):
    body = {"inputs": {"terrain": {"href": "terrain.tif", "type": "image/tiff"}}, "outputs": {"depth": {}}}
    assert server.execute("floodscan", body)[2] == server.execute("floodscan", scan(made, outputs={"depth": {}}))[2]


@pytest.mark.parametrize(
    ("href", "words"), [("../secret.tif", "has no ../secret.tif"), ("{url}/a.tif", "is not a public web server")]
)
def test_a_link_that_leads_elsewhere_fails_the_job(server, href, words):
    job = server.start("floodscan", {"inputs": {"terrain": {"href": href.format(url=server.url)}}})
    server.wait(job, "failed")
    status, refused = server.json(f"/jobs/{job}/results")
    assert status == 400 and words in refused["detail"]
    assert refused["problems"][0] | {"text": ""} == {"code": "DT312", "field": "terrain", "text": ""}


@pytest.fixture
def files(made):
    """A web server with the terrain, with one that sends on to another place, and with a page that is no raster."""
    data = made.terrain_of().data

    class Files(BaseHTTPRequestHandler):
        def do_GET(self):
            kinds = {"/terrain.tif": (200, data), "/page": (200, b"<html>"), "/on": (302, b"")}
            status, body = kinds.get(self.path, (404, b""))
            self.send_response(status)
            if status == 302:
                self.send_header("Location", f"http://localhost:{self.server.server_address[1]}/terrain.tif")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    instance = ThreadingHTTPServer(("127.0.0.1", 0), Files)
    Thread(target=instance.serve_forever, daemon=True).start()
    yield instance.server_address[1]
    instance.shutdown()
    instance.server_close()


def test_a_host_that_is_allowed_is_asked_and_no_other_by_its_redirect(
    root, models_server, pygeoapi_server, made, files, tmp_path
):
    if pygeoapi_server.python(root) is None:
        pytest.skip("needs the environment of the server: sh scripts/setup.sh server")
    with models_server.serve(root, tmp_path, "--allow", f"127.0.0.1:{files}") as server:

        def ask(path):
            body = {"inputs": {"terrain": {"href": f"http://127.0.0.1:{files}{path}"}}, "outputs": {"depth": {}}}
            return server.execute("floodscan", body)

        expected = locally(MODELS["floodscan"], {"terrain": made.valley()}, "depth")["depth"]
        assert sha(ask("/terrain.tif")[2]) == sha(expected.data)
        assert b"sends on to http://localhost" in ask("/on")[2]
        assert b"answers HTTP 404 for an input" in ask("/none")[2]
        assert b"expected a GeoTIFF" in ask("/page")[2]


# --- how it refuses ---


def test_all_that_is_wrong_is_told_at_once(server):
    body = {
        "inputs": {"rain": -5, "boundary": "ajar", "losses": "many", "foo": 1},
        "outputs": {"depths": {}, "depth": {"transmissionMode": "post", "format": {"mediaType": "image/png"}}},
        "response": "loud",
        "subscriber": {"successUri": "http://10.0.0.1/"},
    }
    status, headers, data = server.ask("/processes/floodscan/execution", body)
    refused = json.loads(data)
    assert status == refused["status"] == 400 and headers["Content-Type"] == "application/problem+json"
    found = [(one["code"], one["field"]) for one in refused["problems"]]
    assert sorted(found) == [
        ("DT001", "terrain"), ("DT002", "rain"), ("DT003", "boundary"), ("DT311", "foo"), ("DT312", "losses"),
        ("DT313", ""), ("DT313", "depth"), ("DT313", "depth"), ("DT313", "depths"), ("DT314", ""),
    ]  # fmt: skip
    assert all(one["text"] in refused["detail"] for one in refused["problems"])


def test_what_the_checks_of_a_model_find_fails_the_job_with_their_sentences(server, made):
    terrain = made.valley()
    terrain.values[:] = float("nan")
    job = server.start("floodscan", {"inputs": {"terrain": made.document("floodscan", "terrain", terrain)}})
    found = server.wait(job, "failed")
    status, refused = server.json(f"/jobs/{job}/results")
    assert status == 400 and refused["problems"][0]["code"] == "DT005"
    assert "holds no data" in found["message"] and found["message"] == refused["detail"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "not valid JSON"),
        (b"{", "not valid JSON"),
        (b"\xff\xfe", "not UTF-8"),
        (b"[" * 100_000 + b"]" * 100_000, "deeper than 64 levels"),
        (b'{"inputs": ' + b'{"a":' * 200 + b"1" + b"}" * 200 + b"}", "deeper than 64 levels"),
        (b"[1]", "object of JSON"),
        (b'{"inputs": [1]}', "object of JSON"),
        (b'{"inputs": {"terrain": {"value": "not base64!", "encoding": "base64"}}}', "is not base64"),
        (b'{"inputs": {"terrain": {"value": "x", "encoding": "rot13"}}}', "has the encoding rot13"),
        (b'{"inputs": {"rain": NaN}}', "not valid JSON"),
    ],
)
def test_a_body_that_is_no_request_is_refused(server, body, words):
    status, headers, data = server.ask("/processes/floodscan/execution", body)
    assert status in (400, 422) and headers["Content-Type"] == "application/problem+json"
    assert words in json.loads(data)["detail"]


@pytest.mark.parametrize("value", ["AAAA", "SUkqAAAA", "U1FMaXRlIGZvcm1hdCAzAA=="])
def test_bytes_that_are_no_raster_fail_with_a_sentence(server, value):
    body = {"inputs": {"terrain": {"value": value, "encoding": "base64", "mediaType": "image/tiff"}}}
    status, refused = server.json("/processes/floodscan/execution", body=body)
    assert status == 400 and refused["problems"][0]["code"] == "DT312" and "Traceback" not in refused["detail"]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/processes/none?f=json", "no-such-process"),
        ("/jobs/none", "no-such-job"),
        ("/jobs/../../etc", "about:blank"),
        ("/jobs/00000000-0000-0000-0000-000000000000/results", "no-such-job"),
        ("/jobs/00000000-0000-0000-0000-000000000000/results/depth", "no-such-job"),
    ],
)
def test_what_is_not_there_is_told_by_its_own_type(server, path, kind):
    status, refused = server.json(path)
    assert status == refused["status"] == 404 and refused["type"] in (kind, EXCEPTIONS + kind)


def test_no_process_is_executed_that_is_not_there(server):
    status, refused = server.json("/processes/none/execution", body={"inputs": {}})
    assert status == 404 and refused["type"] == f"{EXCEPTIONS}no-such-process"
