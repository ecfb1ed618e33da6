"""Descriptions of models as text and back."""

from dataclasses import fields, replace

import pytest

from dtwin_plugin.models import MODELS, Field, Model
from dtwin_plugin.models.described import from_text, to_text
from dtwin_plugin.models.problem import Problem
from processing_algorithms.loaders import LOADERS

ALL = {**LOADERS, **MODELS}


def unused(name):
    raise AssertionError(f"{name} was asked for before it was run")


def test_everything_but_the_functions_comes_back():
    found = from_text(to_text(ALL.values()), unused)
    assert list(found) == list(ALL)
    for name, model in ALL.items():
        for part in fields(Model):
            if part.name not in ("run", "check"):
                assert getattr(found[name], part.name) == getattr(model, part.name), f"{name}: {part.name}"


def test_types_come_back_too():
    """1 and 1.0 and True are equal to Python, and not to a form of QGIS."""
    found = from_text(to_text(ALL.values()), unused)
    for name, model in ALL.items():
        pairs = zip((*found[name].inputs, *found[name].outputs), (*model.inputs, *model.outputs))
        for one, other in pairs:
            for part in ("default", "minimum", "maximum", "choices", "columns"):
                assert type(getattr(one, part)) is type(getattr(other, part)), f"{name}.{other.name}: {part}"


def test_the_functions_are_those_of_the_whole_model():
    problem = Problem("DT001", "size", "It is missing.")
    whole = Model(
        "own", "1", "Own", "Water", "", (Field("size", "Size", "number", "m", 2.0),), (),
        run=lambda values, progress: {"twice": 2 * values["size"]}, check=lambda values: iter([problem]),
        references=("Nobody (2026)",),
    )  # fmt: skip
    asked = []
    found = from_text(to_text([whole]), lambda name: asked.append(name) or whole)["own"]
    assert not asked and replace(found, run=whole.run, check=whole.check) == whole
    assert found.run({"size": 3.0}, None) == {"twice": 6.0} and list(found.check({})) == [problem]
    assert asked == ["own", "own"]


def test_what_is_no_description_is_refused_as_a_model_refuses_it():
    with pytest.raises(ValueError, match="lower-case id"):
        from_text('[{"id": "Own Model", "version": "1", "title": "", "group": "", "summary": "", '
                  '"inputs": [], "outputs": []}]', unused)  # fmt: skip


def test_the_same_models_give_the_same_text():
    assert to_text(ALL.values()) == to_text(list(ALL.values()))
