from dataclasses import FrozenInstanceError

import pytest

from dtwin_plugin.models.base import Field, Model


def model_of(identity="m", inputs=(), outputs=()):
    return Model(identity, "1.0.0", "M", "G", "S.", inputs, outputs, run=lambda values, progress: {})


@pytest.mark.parametrize("name", ["Rain", "2rain", "rain depth", "rain-depth", "", "rain\n"])
def test_a_field_needs_a_lower_case_name(name):
    with pytest.raises(ValueError, match="lower-case name"):
        Field(name, "Rain", "number")


def test_a_field_needs_a_known_kind():
    with pytest.raises(ValueError, match="kind"):
        Field("rain", "Rain", "float")


@pytest.mark.parametrize("kind", ["choice", "table"])
def test_a_choice_or_table_needs_what_it_is_made_of(kind):
    with pytest.raises(ValueError, match="choices or columns"):
        Field("a", "A", kind)


def test_a_label_shows_the_unit_behind_the_translated_title():
    assert Field("rain", "Rain", "number", "mm").label({"Rain": "Regen"}.get) == "Regen [mm]"


def test_a_field_without_a_unit_has_its_title_as_label():
    assert Field("n", "Number", "integer").label() == "Number"


@pytest.mark.parametrize("identity", ["Flood", "_flood", "1flood", ""])
def test_a_model_needs_a_lower_case_id(identity):
    with pytest.raises(ValueError, match="lower-case id"):
        model_of(identity)


def test_a_name_stands_for_one_field_among_inputs_and_outputs():
    with pytest.raises(ValueError, match="each field name once"):
        model_of(inputs=(Field("a", "A", "number"),), outputs=(Field("a", "A", "grid"),))


def test_an_input_is_found_by_name():
    rain = Field("rain", "Rain", "number")
    assert model_of(inputs=(Field("a", "A", "number"), rain)).input("rain") is rain


def test_a_description_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        model_of().title = "Other"


def test_a_model_without_checks_of_its_own_finds_nothing():
    assert list(model_of().check({})) == []
