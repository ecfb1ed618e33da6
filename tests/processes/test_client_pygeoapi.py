"""The client against the real pygeoapi: its hello-world, at once and as a job, and what it says of itself."""

import importlib

import pytest

from dtwin_plugin.errors import InputError, ModelError
from dtwin_plugin.processes.client import Client
from dtwin_plugin.processes.client.talk import Rules, Talk
from dtwin_plugin.processes.remote import JobStore, read_server, remote_model
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.requests_transport import RequestsTransport


@pytest.fixture(scope="module", params=[True, False], ids=["jobs", "at once"])
def server(request, root, tmp_path_factory):
    pygeoapi = importlib.import_module("pygeoapi_server")
    if pygeoapi.python(root) is None:
        pytest.skip("needs pygeoapi: scripts/setup.sh server")
    resources = {"hello-world": pygeoapi.process("HelloWorld"), "echo": pygeoapi.process("Echo")}
    with pygeoapi.serve(root, tmp_path_factory.mktemp("pygeoapi"), resources, jobs=request.param) as url:
        yield url, request.param


def client_of(url):
    rules = Rules(url)
    return Client(Talk(rules, RequestsTransport(may_lead=rules.allows), interval=0.1))


def test_its_processes_are_read_and_what_it_bends_is_told(server):
    url, has_jobs = server
    client = client_of(url)
    found = read_server(client, "geo", url)
    assert (found.title, list(found.processes)) == ("Test", ["hello-world", "echo"])
    assert found.ids()["hello-world"] == "geo_hello_world"
    assert found.deviations == ()


def test_hello_world_says_hello(server, tmp_path):
    url, has_jobs = server
    client = client_of(url)
    found, jobs = read_server(client, "geo", url), JobStore(tmp_path)
    model = remote_model(found, "hello-world", lambda *_: client_of(url), jobs)
    assert [(item.name, item.kind, item.optional) for item in model.inputs] == [
        ("name", "text", False),
        ("message", "text", True),
    ]
    assert model.run({"name": "Delft", "message": None}, Silent()) == {"echo": "Hello Delft!"}
    assert [record.status for record in jobs.all()] == ["successful"] * has_jobs


def test_its_refusals_are_told_in_its_words(server):
    url, has_jobs = server
    found = read_server(client_of(url), "geo", url)
    model = remote_model(found, "hello-world", lambda *_: client_of(url))
    with pytest.raises(ModelError if has_jobs else InputError, match="Cannot process without a name"):
        model.run({"name": None}, Silent())
    with pytest.raises(InputError, match="Identifier not found"):
        client_of(url).description("absent")


def test_a_job_is_listed_and_dismissed(server):
    url, has_jobs = server
    if not has_jobs:
        return
    client = client_of(url)
    request = {"inputs": {"name": "A"}, "outputs": {"echo": {}}, "response": "document"}
    job = client.execute("hello-world", request, asynchronous=True, names=["echo"]).job
    job = client.follow(job)
    assert job.id in {one.id for one in client.jobs()}
    client.dismiss(job)
    assert job.id not in {one.id for one in client.jobs()}
    with pytest.raises(InputError):
        client.status(job)
