"""What every description owes its user; models and loaders are described alike."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from datetime import datetime

import pytest

from dtwin_plugin.models import MODELS
from dtwin_plugin.models.base import Field
from processing_algorithms.loaders import LOADERS

ALL = {**MODELS, **LOADERS}
INPUTS = {name: model.inputs for name, model in ALL.items()}
FIELDS = {name: (*model.inputs, *model.outputs) for name, model in ALL.items()}
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


def broken(fields: Iterable[Field], *rules: Callable[[Field], object]) -> list[str]:
    """Return the names of fields that break a rule; a case for each of over a thousand fields would cost more."""
    return [item.name for item in fields if not all(rule(item) for rule in rules)]


@pytest.mark.parametrize("name", ALL)
def test_a_field_has_a_sentence_of_help(name):
    assert not broken(FIELDS[name], lambda item: item.doc.endswith(".") and "  " not in item.doc)


@pytest.mark.parametrize("name", ALL)
def test_a_title_starts_with_a_capital_and_has_no_unit(name):
    assert not broken(
        FIELDS[name],
        lambda item: item.title[0].isupper() or item.title[0].isdigit(),
        lambda item: not re.search(r"[\[\]]|\((m|mm|m2|m3|s|h|min|dB|%)\)", item.title),
        lambda item: item.title == item.title.strip(" .:"),
    )


@pytest.mark.parametrize("name", ALL)
def test_a_unit_is_as_udunits_reads_it(name):
    units = {unit for item in FIELDS[name] for unit in (item.unit, *item.columns.values())}
    assert not {unit for unit in units if not UNIT.fullmatch(unit)}


@pytest.mark.parametrize("name", ALL)
def test_a_number_has_limits(name):
    numbers = [item for item in INPUTS[name] if item.kind in ("number", "integer")]
    assert not broken(numbers, lambda item: None not in (item.minimum, item.maximum) and item.minimum < item.maximum)


def fits(item: Field) -> bool:
    """Tell whether a default is of its kind, on the list of choices, and within the limits."""
    low = item.default if item.minimum is None else item.minimum
    high = item.default if item.maximum is None else item.maximum
    return (
        isinstance(item.default, TYPES[item.kind])
        and (item.kind != "choice" or item.default in item.choices)
        and low <= item.default <= high
    )


@pytest.mark.parametrize("name", ALL)
def test_a_default_is_one_that_may_be_given(name):
    assert not broken(INPUTS[name], lambda item: item.default is None or fits(item))


@pytest.mark.parametrize("name", ALL)
def test_a_choice_has_a_default(name):
    assert not broken(INPUTS[name], lambda item: item.kind not in ("choice", "boolean") or item.default is not None)


@pytest.mark.parametrize("name", ALL)
def test_titles_of_choices_differ_and_start_with_a_capital(name):
    assert not broken(
        FIELDS[name],
        lambda item: len(set(item.choices.values())) == len(item.choices),
        lambda item: all(title[0].isupper() or title[0].isdigit() for title in item.choices.values()),
    )


OF_ALL_KINDS = {("installationnoise", "sources")}  # fans, pipes and terraces: points, lines and polygons


@pytest.mark.parametrize("name", ALL)
def test_features_say_what_geometry_they_have(name):
    features = [item for item in FIELDS[name] if item.kind == "features"]
    others = [item for item in FIELDS[name] if item.kind not in ("features", "surfaces")]
    assert not broken(
        features, lambda item: item.geometry in ("point", "line", "polygon") or (name, item.name) in OF_ALL_KINDS
    )
    assert not broken(others, lambda item: not item.geometry)


@pytest.mark.parametrize("name", ALL)
def test_what_only_experts_see_may_be_left_as_it_is(name):
    assert not broken(INPUTS[name], lambda item: not item.advanced or item.optional or item.default is not None)


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
