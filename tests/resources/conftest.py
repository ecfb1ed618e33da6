"""What tests of the sample neighbourhood share."""

import json

import pytest


@pytest.fixture(scope="session")
def city(sample):
    return json.loads((sample / "buildings.city.json").read_text(encoding="utf-8"))
