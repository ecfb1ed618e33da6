"""A request to execute a process (OGC 18-062r2, 7.11.2), looked at as a whole: all that is wrong is told at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dtwin_plugin.errors import DtwinError, InputError
from dtwin_plugin.models.base import Field, Model
from dtwin_plugin.models.problem import Problem, problem_of

from ..media import WRITTEN, Link, known, value_of

# What an input of these styles is for is no business of who asks: the server has its own cluster and its own keys.
_OWN_STYLES = ("authentication", "scheduler")
_QUICK = ("number", "integer", "boolean", "choice", "text", "datetime", "extent", "table")
RAW, DOCUMENT = "raw", "document"


@dataclass(frozen=True)
class Wanted:
    """An output that is asked for: as which media type ("" = any), and as a link or not."""

    media_type: str = ""
    by_reference: bool = False


@dataclass(frozen=True)
class Order:
    """A request that can be carried out.

    Attributes
    ----------
    inputs : dict
        As they stood in the request.
    outputs : dict of str to Wanted
        Those that are kept.
    response : {"raw", "document"}
        How the results are sent.
    """

    model: str
    inputs: dict[str, Any]
    outputs: dict[str, Wanted] = field(default_factory=dict)
    response: str = RAW


class OrderError(InputError):
    """A request with mistakes: each with its code and the input that it is about."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("{problems}", problems="\n".join(problem.text() for problem in problems))
        self.problems = problems


def served(model: Model) -> Model:
    """Return a model as a server offers it: without what only who keeps the server decides."""
    return replace(model, inputs=tuple(item for item in model.inputs if item.style not in _OWN_STYLES))


def read_order(model: Model, body: Any) -> Order:
    """Return the order in the body of a request.

    Raises
    ------
    OrderError
        If anything is wrong with it; all mistakes are in it.
    """
    if not isinstance(body, Mapping):
        raise OrderError([Problem("DT310", "", "A request is an object of JSON with the member inputs.")])
    inputs, outputs = body.get("inputs", {}), body.get("outputs")
    problems = [*_inputs(served(model), inputs), *_outputs(model, outputs)]
    response = body.get("response", RAW)
    if response not in (RAW, DOCUMENT):
        problems.append(Problem("DT313", "", "The response is {found}; raw or document.", {"found": _short(response)}))
    if body.get("subscriber") is not None:
        problems.append(Problem("DT314", "", "This server calls nobody back; ask for the status of the job instead."))
    if problems:
        raise OrderError(problems)
    return Order(model.id, dict(inputs), _wanted(model, outputs), response)


def _inputs(model: Model, inputs: Any) -> Iterator[Problem]:
    if not isinstance(inputs, Mapping):
        yield Problem("DT310", "", "The inputs are an object of JSON, with a member for each input.")
        return
    known_names = {item.name: item for item in model.inputs}
    for name in inputs:
        if name not in known_names:
            yield Problem(
                "DT311",
                _short(name),
                "{model} has no input {field}; it has {choices}.",
                {"field": _short(name), "model": model.id, "choices": ", ".join(known_names)},
            )
    for item in model.inputs:
        if inputs.get(item.name) is None:
            if not item.optional and item.default is None:
                yield Problem("DT001", item.name, "{field} is missing.", {"field": item.title})
        else:
            yield from _input(item, inputs[item.name])


def _input(item: Field, document: Any) -> Iterator[Problem]:
    """Yield what is wrong with an input, as far as can be told without reading what is large."""
    from pathlib import Path

    from dtwin_plugin.models.checks import check

    from ..media import decode

    try:
        value = value_of(document, item.title)
        if item.kind not in _QUICK or isinstance(value, Link):
            return
        found = decode(item, value, Path(), to_rd=True)
    except DtwinError as error:
        yield problem_of("DT312", item.name, error)
        return
    one = Model("one", "1.0.0", "", "", "", (item,), (), run=lambda values, progress: {})
    yield from check(one, {item.name: found})


def _outputs(model: Model, outputs: Any) -> Iterator[Problem]:
    if outputs is None:
        return
    if not isinstance(outputs, Mapping):
        yield Problem("DT310", "", "The outputs are an object of JSON, with a member for each output.")
        return
    named = {item.name: item for item in model.outputs}
    for name, wish in outputs.items():
        if name not in named:
            yield Problem(
                "DT313",
                _short(name),
                "{model} has no output {field}; it has {choices}.",
                {"field": _short(name), "model": model.id, "choices": ", ".join(named)},
            )
            continue
        wish = wish if isinstance(wish, Mapping) else {}
        mode, kind = wish.get("transmissionMode", "value"), _media_type(wish)
        if mode not in ("value", "reference"):
            yield Problem(
                "DT313",
                name,
                "{field} cannot be sent as {found}; as value or reference.",
                {"field": name, "found": _short(mode)},
            )
        forms = WRITTEN.get(named[name].kind, ("application/json",))
        if kind and named[name].kind != "file" and known(kind) not in forms:
            yield Problem(
                "DT313",
                name,
                "{field} cannot be sent as {found}; as {choices}.",
                {"field": name, "found": _short(kind), "choices": ", ".join(forms)},
            )


def _wanted(model: Model, outputs: Mapping[str, Any] | None) -> dict[str, Wanted]:
    """Return the outputs that are kept: those asked for, or all that are made without being asked for."""
    if not outputs:
        return {item.name: Wanted() for item in model.outputs if not item.optional and not item.advanced}
    found = {}
    for item in model.outputs:
        if item.name in outputs:
            wish = outputs[item.name] if isinstance(outputs[item.name], Mapping) else {}
            found[item.name] = Wanted(_media_type(wish), wish.get("transmissionMode") == "reference")
    return found


def _media_type(wish: Mapping[str, Any]) -> str:
    form = wish.get("format")
    kind = form.get("mediaType") if isinstance(form, Mapping) else None
    return kind if isinstance(kind, str) else ""


def _short(value: Any) -> str:
    """Return something of a request as an error may repeat it."""
    text = str(value)
    return text if len(text) <= 60 else text[:59] + "…"
