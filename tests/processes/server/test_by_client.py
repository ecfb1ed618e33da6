"""Our models on our server by our client: the same values to the last bit as from plain Python."""

import hashlib

import pytest

from dtwin_plugin.models import MODELS
from dtwin_plugin.models.base import WANTED
from dtwin_plugin.processes.client import Client, Deviations
from dtwin_plugin.processes.client.talk import Rules, Talk
from dtwin_plugin.processes.media import encode
from dtwin_plugin.processes.remote import JobStore, models_of, read_server
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.requests_transport import RequestsTransport


def client_of(url, strict=False):
    rules = Rules(url)
    return Client(Talk(rules, RequestsTransport(may_lead=rules.allows), deviations=Deviations(strict), interval=0.1))


@pytest.fixture(scope="module")
def registered(server):
    return read_server(client_of(server.url, strict=True), "ours", server.url)


def hashes(model, made):
    found = {item.name: encode(item, made[item.name]).as_bytes() for item in model.outputs if item.name in made}
    return {name: hashlib.sha256(data).hexdigest() for name, data in found.items()}


def test_all_models_are_read_by_a_strict_client(registered):
    models, left_out = models_of(registered, lambda *_: None)
    assert set(models) == {f"ours_{name}" for name in MODELS} and left_out == {}


@pytest.mark.parametrize(
    ("name", "inputs", "wanted"),
    [
        ("floodscan", ("terrain", "buildings"), ("depth", "depressions", "balance", "stored")),
        ("floodterrain", ("terrain", "buildings"), ("prepared", "findings", "errors")),
    ],
)
def test_a_model_there_gives_the_bytes_of_a_model_here(registered, made, tmp_path, name, inputs, wanted):
    here = MODELS[name]
    given = {"terrain": made.valley(), "buildings": made.houses()}
    values = {item.name: given.get(item.name, item.default) for item in here.inputs}
    there = models_of(registered, lambda server, _: client_of(server.url), JobStore(tmp_path))[0][f"ours_{name}"]
    values[WANTED] = set(wanted)
    expected = hashes(here, {k: v for k, v in here.run(values, Silent()).items() if k in wanted})
    assert hashes(there, there.run(values, Silent())) == expected
    assert set(expected) == set(wanted)
    assert [record.status for record in JobStore(tmp_path).all()] == ["successful"]
