"""Every message that a user can get is a whole sentence with all its values, whether a test raises it or not."""

from __future__ import annotations

import ast
import string
from pathlib import Path
from typing import NamedTuple

import pytest

from dtwin_plugin import errors
from dtwin_plugin.errors import Cancelled, DtwinError, FormatError, MissingDependencyError
from dtwin_plugin.models.problem import Problem, problem_of

ROOT = Path(__file__).resolve().parent.parent
KINDS = {name: kind for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, DtwinError)}
OWN_WORDS = {"Cancelled", "MissingDependencyError"}  # bring their own message
WRAPPERS = {
    "_interrupted": {"server", "file", "found", "expected"},
    "_unavailable": {"server"},
}  # functions that pass a message on -> the values that they add


class Dummy:
    """A value of any type in any format."""

    def __format__(self, spec):
        return "x"

    def __getattr__(self, name):
        return self

    def __getitem__(self, name):
        return self


class Message(NamedTuple):
    """What is said at one place: templates of message and hint (None if not found), and the names of the values."""

    templates: list[str | None]
    names: set[str]
    spare: set[str]  # of them those that need no place: they are given with every message


def written(node, call, scopes):
    """Return the texts of a template: in the call, one of two there, or named before it or in the module."""
    if isinstance(node, ast.IfExp):
        return [*written(node.body, call, scopes), *written(node.orelse, call, scopes)]
    if isinstance(node, ast.Name):
        for scope in scopes:
            named = [
                statement
                for statement in ast.walk(scope)
                if isinstance(statement, ast.Assign)
                and node.id in [getattr(target, "id", "") for target in statement.targets]
                and statement.lineno < call.lineno
            ]
            if named:
                return written(max(named, key=lambda statement: statement.lineno).value, call, ())
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else [None]


def message(call, scopes):
    given = {item.arg: item.value for item in call.keywords}
    if call.func.id == "Problem":
        values = call.args[3] if len(call.args) > 3 else given.get("values", ast.Dict([], []))
        return Message(written(call.args[2], call, scopes), {key.value for key in values.keys}, set())
    templates = written(call.args[0], call, scopes)
    if "hint" in given:
        templates += written(given.pop("hint"), call, scopes)
    spare = WRAPPERS.get(call.func.id, set())
    return Message(templates, set(given) | spare, spare)


def messages():
    """Return file:line and the message of every error or problem that is made in the packages."""
    found = {}
    wanted = {"Problem", *WRAPPERS, *KINDS} - OWN_WORDS

    def visit(node, scopes, place):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef):
                if child.name not in WRAPPERS:
                    visit(child, (child, *scopes), place)
                continue
            if isinstance(child, ast.Call) and getattr(child.func, "id", "") in wanted:
                found[f"{place}:{child.lineno}"] = message(child, scopes)
            visit(child, scopes, place)

    for package in ("dtwin_plugin", "processing_algorithms"):
        for path in sorted((ROOT / package).rglob("*.py")):
            tree = ast.parse(path.read_text("utf-8"))
            visit(tree, (tree,), path.relative_to(ROOT))
    return found


MESSAGES = messages()


def placeholders(template):
    return {
        name.split(".")[0].split("[")[0] for _, name, _, _ in string.Formatter().parse(template) if name is not None
    }


def test_the_errors_of_the_packages_are_found():
    assert len(MESSAGES) > 50


@pytest.mark.parametrize("place", MESSAGES)
def test_a_message_is_a_template_that_can_be_translated(place):
    assert None not in MESSAGES[place].templates


@pytest.mark.parametrize("place", MESSAGES)
def test_every_placeholder_has_its_value_and_every_value_its_place(place):
    templates, names, spare = MESSAGES[place]
    named = set().union(*map(placeholders, templates))
    assert named | spare == names


@pytest.mark.parametrize("place", MESSAGES)
def test_a_message_is_a_whole_sentence(place):
    for template in MESSAGES[place].templates:
        text = template.format(**{name: Dummy() for name in MESSAGES[place].names})
        if template != "{problems}":  # sentences made elsewhere
            # what a server says behind a colon ends as it ends, and so does a command
            assert text.endswith((".", "…")) or template.endswith(": {reason}")
            assert "  " not in text and text == text.strip()
            assert text[0].isupper() or text[0].isdigit() or template[0] == "{"


@pytest.mark.parametrize("error", [Cancelled(), MissingDependencyError("laspy", "read LAS")])
def test_errors_with_words_of_their_own_are_whole_sentences(error):
    assert str(error).endswith(".") and "{" not in str(error)


@pytest.mark.parametrize("kind", sorted(set(KINDS) - OWN_WORDS))
def test_every_error_tells_a_server_what_it_is(kind):
    assert 400 <= KINDS[kind].http_status_code < 600
    assert KINDS[kind].ogc_exception_code[0].isupper()


def test_message_and_hint_are_translated_before_the_values_are_set():
    error = FormatError("{file} is empty.", hint="Get {file} again.", file="a{b}.json")
    dutch = {"{file} is empty.": "{file} is leeg.", "Get {file} again.": "Haal {file} opnieuw."}
    assert error.text(dutch.get) == "a{b}.json is leeg. Haal a{b}.json opnieuw."


def test_a_problem_shows_its_code_before_the_translated_sentence():
    problem = Problem("DT001", "rain", "{field} is missing.", {"field": "Regen"})
    assert problem.text({"{field} is missing.": "{field} ontbreekt."}.get) == "DT001 Regen ontbreekt."


def test_a_problem_of_an_error_says_what_to_do_as_well():
    error = FormatError("{file} is empty.", hint="Get {file} again.", file="a.json")
    dutch = {"{file} is empty.": "{file} is leeg.", "Get {file} again.": "Haal {file} opnieuw."}
    assert problem_of("DT001", "rain", error).text(dutch.get) == "DT001 a.json is leeg. Haal a.json opnieuw."


def test_numbers_in_a_message_are_written_as_the_language_does():
    from dtwin_plugin.errors import InputError
    from dtwin_plugin.translate import set_language

    error = InputError(
        "{share:.1f}% of {whole:,.1f} is {found}, {count} times.", share=15.25, whole=1e3, found=0.5, count=2
    )
    assert str(error) == "15.2% of 1,000.0 is 0.5, 2 times."
    set_language("nl")
    try:
        assert str(error) == "15,2% of 1.000,0 is 0,5, 2 times."
    finally:
        set_language("en")
