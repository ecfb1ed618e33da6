"""The sample neighbourhood, made once for all its tests."""

import json

import pytest

from resources.sample.build import write_sample


@pytest.fixture(scope="session")
def sample(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample") / "waterdam"
    write_sample(folder)
    return folder


@pytest.fixture(scope="session")
def city(sample):
    return json.loads((sample / "buildings.city.json").read_text(encoding="utf-8"))
