"""Scenarios as a project keeps them: whole again after reading, and no harm from a project that says nonsense."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtwin_plugin.errors import InputError
from dtwin_plugin.twin.scenarios import Scenario, from_text, new_name, to_text

texts = st.text(max_size=12)
names = st.lists(st.text(min_size=1, max_size=5), max_size=4, unique=True).map(tuple)
keys = st.sampled_from(["name", "layers", "runs", "date"])
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner),
    max_leaves=12,
)


@given(st.text(min_size=1, max_size=9).filter(str.strip), texts, texts, names, names)
def test_what_is_kept_comes_back(name, purpose, note, layers, runs):
    scenario = Scenario(name, purpose, note, "2026-11-27", layers, layers[:1], runs)
    assert from_text(to_text([scenario])) == [scenario]


@given(JSON)
def test_nonsense_is_no_scenario_and_no_fault(value):
    for scenario in from_text(json.dumps(value)):
        assert scenario.name.strip()
        assert all(isinstance(text, str) for part in (scenario.layers, scenario.runs) for text in part)
        assert set(scenario.designs) <= set(scenario.layers)


def test_of_two_with_one_name_the_first_stays():
    found = from_text(json.dumps([{"name": "A", "note": "1"}, {"name": "A", "note": "2"}, {"name": "B"}]))
    assert [(scenario.name, scenario.note) for scenario in found] == [("A", "1"), ("B", "")]


def test_a_deep_text_is_no_fault():
    assert from_text("[" * 100_000) == []


def test_a_design_is_a_layer_of_its_scenario():
    scenario = Scenario("A").with_layers(["depth"], ["plan"], ["run-1", "run-1"])
    assert scenario.layers == ("depth", "plan") and scenario.designs == ("plan",) and scenario.runs == ("run-1",)


@pytest.mark.parametrize(("name", "sentence"), [(" \n", "needs a name"), ("NOW", "already a .* NOW")])
def test_a_name_is_there_once(name, sentence):
    with pytest.raises(InputError, match=sentence):
        new_name(name, ["Now"])
