"""What every description owes its user; models and loaders are described alike."""

import json
import re
import subprocess
import sys
from datetime import datetime

import pytest

from dtwin_plugin.models import MODELS
from dtwin_plugin.models.base import Field
from processing_algorithms.loaders import LOADERS

ALL = {**MODELS, **LOADERS}
INPUTS = {f"{model.id}.{item.name}": item for model in ALL.values() for item in model.inputs}
FIELDS = {**INPUTS, **{f"{model.id}.{item.name}": item for model in ALL.values() for item in model.outputs}}
TYPES = {
    "number": (int, float),
    "integer": int,
    "boolean": bool,
    "choice": str,
    "text": str,
    "datetime": datetime,
}

# Products of symbols with a power each, as UDUNITS reads them: "m3 s-1", "s m-1/3" (a root stands in Manning's n).
SYMBOLS = (
    "m",
    "mm",
    "km",
    "ha",
    "s",
    "min",
    "h",
    "d",
    "kg",
    "g",
    "t",
    "N",
    "Pa",
    "kPa",
    "MPa",
    "J",
    "W",
    "kW",
    "K",
    "degC",
    "rad",
    "dB",
)
SYMBOL = rf"(?:{'|'.join(SYMBOLS)}|degree|percent|EUR)(?:-?\d(?:/\d)?)?"
UNIT = re.compile(rf"1|{SYMBOL}(?: {SYMBOL})*")


@pytest.mark.parametrize("unit", ["1", "m", "m3 s-1", "W m-2", "s m-1/3", "mm h-1", "degC"])
def test_a_unit_in_its_one_spelling_is_read(unit):
    assert UNIT.fullmatch(unit)


@pytest.mark.parametrize("unit", ["", "m/s", "m³", "m^3", "meter", "mm/uur", "m  s-1", "-"])
def test_another_spelling_of_a_unit_is_not(unit):
    assert not UNIT.fullmatch(unit)


def test_an_id_stands_for_one_model_or_loader():
    assert not set(MODELS) & set(LOADERS)


@pytest.mark.parametrize("name", ALL)
def test_a_description_stands_under_its_own_id(name):
    assert ALL[name].id == name == name.lower()


@pytest.mark.parametrize("name", ALL)
def test_a_version_has_three_numbers(name):
    assert re.fullmatch(r"\d+\.\d+\.\d+", ALL[name].version)


@pytest.mark.parametrize("name", ALL)
def test_a_summary_is_of_whole_sentences(name):
    summary = ALL[name].summary
    assert summary[0].isupper() or summary[0].isdigit()
    assert summary.endswith(".") and "  " not in summary


@pytest.mark.parametrize("name", ALL)
def test_there_is_something_to_give_and_to_get(name):
    assert ALL[name].inputs and ALL[name].outputs and callable(ALL[name].run)


@pytest.mark.parametrize("name", MODELS)
def test_a_model_says_where_its_method_is_published(name):
    references = MODELS[name].references
    assert references
    # authors or body, and a way to find it: a year at least
    assert all(re.search(r"(19|20)\d\d", reference) for reference in references)


@pytest.mark.parametrize("name", MODELS)
def test_a_model_says_where_it_holds(name):
    assert len(MODELS[name].validity) > 20 and MODELS[name].validity.endswith(".")


@pytest.mark.parametrize("name", ALL)
def test_no_two_fields_have_one_title(name):
    for fields in (ALL[name].inputs, ALL[name].outputs):
        assert len({item.title for item in fields}) == len(fields)


@pytest.mark.parametrize("name", FIELDS)
def test_a_field_has_a_sentence_of_help(name):
    doc = FIELDS[name].doc
    assert doc.endswith(".") and "  " not in doc


@pytest.mark.parametrize("name", FIELDS)
def test_a_title_starts_with_a_capital_and_has_no_unit(name):
    title = FIELDS[name].title
    assert title[0].isupper() or title[0].isdigit()
    assert not re.search(r"[\[\]]|\((m|mm|m2|m3|s|h|min|dB|%)\)", title) and title == title.strip(" .:")


@pytest.mark.parametrize("name", FIELDS)
def test_a_unit_is_as_udunits_reads_it(name):
    for unit in (FIELDS[name].unit, *FIELDS[name].columns.values()):
        assert UNIT.fullmatch(unit), unit


@pytest.mark.parametrize("name", [name for name in INPUTS if INPUTS[name].kind in ("number", "integer")])
def test_a_number_has_limits(name):
    assert INPUTS[name].minimum < INPUTS[name].maximum


def fits(item: Field) -> bool:
    """Tell whether a default is of its kind, on the list of choices, and within the limits."""
    low = item.default if item.minimum is None else item.minimum
    high = item.default if item.maximum is None else item.maximum
    return (
        isinstance(item.default, TYPES[item.kind])
        and (item.kind != "choice" or item.default in item.choices)
        and low <= item.default <= high
    )


@pytest.mark.parametrize("name", [name for name in INPUTS if INPUTS[name].default is not None])
def test_a_default_is_one_that_may_be_given(name):
    assert fits(INPUTS[name])


@pytest.mark.parametrize("name", [name for name in INPUTS if INPUTS[name].kind in ("choice", "boolean")])
def test_a_choice_has_a_default(name):
    assert INPUTS[name].default is not None


@pytest.mark.parametrize("name", FIELDS)
def test_titles_of_choices_differ_and_start_with_a_capital(name):
    titles = list(FIELDS[name].choices.values())
    assert len(set(titles)) == len(titles)
    assert all(title[0].isupper() or title[0].isdigit() for title in titles)


@pytest.mark.parametrize("name", FIELDS)
def test_features_say_what_geometry_they_have(name):
    if FIELDS[name].kind == "features":
        assert FIELDS[name].geometry in ("point", "line", "polygon")
    else:
        assert FIELDS[name].kind == "surfaces" or not FIELDS[name].geometry


@pytest.mark.parametrize("name", INPUTS)
def test_what_only_experts_see_may_be_left_as_it_is(name):
    item = INPUTS[name]
    assert not item.advanced or item.optional or item.default is not None


def test_the_descriptions_are_there_without_the_packages_that_calculations_need():
    code = (
        "import sys\n"
        "for name in ('numba', 'scipy', 'laspy', 'osgeo', 'qgis'): sys.modules[name] = None\n"
        "import json; from dtwin_plugin.models import MODELS; from processing_algorithms.loaders import LOADERS\n"
        "print(json.dumps(sorted({**MODELS, **LOADERS})))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == sorted(ALL)
