"""Every text that a user can see is there in Dutch."""

import string

import pytest

from dtwin_plugin.errors import InputError, MissingDependencyError
from dtwin_plugin.models import MODELS
from dtwin_plugin.models.base import Field, Model
from dtwin_plugin.models.checks import check, require
from dtwin_plugin.progress import Silent
from dtwin_plugin.translate import language, set_language, texts, tr
from dtwin_plugin.twin.report import ReportPage, Table, render
from processing_algorithms.loaders import LOADERS
from scripts.texts import collect, missing


@pytest.fixture
def dutch():
    before = language()
    set_language("nl_NL")
    yield
    set_language(before)


@pytest.fixture(scope="module")
def found():
    """All texts; to collect them takes seconds."""
    return collect()


def fields(text):
    """The placeholders of a template, each with its format."""
    return sorted(
        (name, form, conversion or "") for _, name, form, conversion in string.Formatter().parse(text) if name
    )


@pytest.mark.parametrize(("locale", "code"), [
    ("nl_NL", "nl"), ("en", "en"), ("C", "en"), ("C.UTF-8", "en"), ("", "en"),
])  # fmt: skip
def test_a_locale_is_a_language_of_iso_639(dutch, locale, code):
    set_language(locale)
    assert language() == code


def test_every_text_has_a_dutch_one(found):
    assert len(found) > 400
    assert not missing("nl")


def test_texts_of_every_description_are_found(found):
    for model in (*MODELS.values(), *LOADERS.values()):
        parts = [model, *model.inputs, *model.outputs]
        shown = [getattr(part, name, "") for part in parts for name in ("title", "group", "summary", "validity", "doc")]
        shown += [title for item in model.inputs for title in item.choices.values()]
        assert not {text for text in shown if text} - set(found), model.id


def test_no_translation_is_left_over(found):
    assert not set(texts("nl")) - set(found)


def test_placeholders_are_the_same_in_both_languages():
    for english, dutch in texts("nl").items():
        assert fields(english) == fields(dutch), english


@pytest.mark.parametrize(
    "text",
    [
        "rain",  # a small letter
        "Damage likely (> 0.30 m)",  # in a table
        "LoD 2.2 (roof shapes)",
        "Purpose",  # through a translator that is passed on
        "{server} redirects more than {count} times.",  # through a function that makes the error
        "{file} is not UTF-8 text: {reason}.",  # in a variable
        "Check the address and the network, and try again later.",  # in a constant
        "read LAS and LAZ point clouds",  # a value that is a text
        "Stopped by the user; nothing was written.",
        "{file} has no points.",  # a warning
        "tile {tile} of {count}",  # progress
    ],
)
def test_texts_are_found_wherever_they_stand(found, text):
    assert text in found


@pytest.mark.parametrize("text", ["attempts must be 1 or more", "field ", " needs its choices or columns"])
def test_what_only_programmers_see_is_not_collected(found, text):
    assert text not in found


def test_language_follows_the_locale_and_falls_back_to_english(dutch):
    assert tr("Terrain") == "Terrein" and tr("no such text") == "no such text"
    set_language("en_GB")
    assert tr("Terrain") == "Terrain"


def test_a_check_speaks_dutch_from_the_name_of_the_field_on(dutch):
    rain = Field("rain", "Rain", "number", "mm", minimum=0, maximum=10)
    model = Model("m", "1", "M", "G", "S.", (rain, Field("terrain", "Terrain", "grid")), (), run=lambda v, p: {})
    with pytest.raises(InputError) as error:
        require(check(model, {"rain": -1}), tr)
    assert error.value.text(tr).splitlines() == [
        "DT002 Neerslag [mm] is -1; verwacht is 0 tot en met 10.",
        "DT001 Terrein ontbreekt.",
    ]


def test_an_error_speaks_dutch_with_its_hint_and_its_values(dutch):
    error = MissingDependencyError("laspy", "read LAS and LAZ point clouds")
    assert error.text(tr) == (
        "Het Python-pakket laspy is niet geïnstalleerd; het is nodig om LAS- en LAZ-puntenwolken te lezen. "
        "Installeer het in de Python van QGIS zelf: python3 -m pip install laspy."
    )
    assert str(error).startswith("The Python package laspy is not installed; it is needed to read LAS")


def test_warnings_and_progress_speak_dutch_with_their_values(dutch):
    from qgis.core import QgsProcessingFeedback

    from processing_algorithms.feedback import FeedbackProgress

    feedback = QgsProcessingFeedback(False)
    progress = FeedbackProgress(feedback)
    progress.warn("{file} has no points.", file="a{b}.las")
    progress.report(0.5, "tile {tile} of {count}", tile=1, count=2)
    assert progress.warnings == ["a{b}.las heeft geen punten."]
    assert "tegel 1 van 2" in feedback.textLog()


def test_nobody_watching_leaves_warnings_in_english_with_their_values(dutch):
    progress = Silent()
    progress.warn("{file} has no points.", file="a.las")
    progress.warn("100 % of {this}")
    assert progress.warnings == ["a.las has no points.", "100 % of {this}"]


@pytest.mark.parametrize(("value", "cell"), [(1234567, "1.234.567"), (1234.5, "1.234,50")])
def test_numbers_of_a_dutch_report_have_a_decimal_comma(value, cell):
    assert f">{cell}</td>" in render(ReportPage("A", "", tables=[Table("T", ["c"], [[value]])]), language="nl")
