"""What stands between braces in a twin file: a source, what a step made here or in the first scenario, or a value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

LINK = re.compile(r"\{(source|step|first|scenario):([A-Za-z0-9][A-Za-z0-9._-]*)\}")
LEFT_OUT = object()  # a parameter whose scenario has no value for it


def links(value: Any) -> Iterator[tuple[str, str]]:
    """Yield kind and name of each link in a value.

    >>> list(links(["{source:terrain}", {"a": "{step:flood.depth}"}, 5]))
    [('source', 'terrain'), ('step', 'flood.depth')]
    """
    if isinstance(value, str):
        yield from ((found[1], found[2]) for found in LINK.finditer(value))
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from links(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from links(item)


def filled(value: Any, given: Mapping[str, Mapping[str, Any]]) -> Any:
    """Return a value with its links filled in; LEFT_OUT where a scenario has no such value.

    A text that is one link becomes what it names, a number too; within a longer text it becomes text.

    >>> filled("{scenario:rain}", {"scenario": {"rain": 70.0}}), filled("{scenario:x}", {"scenario": {}}) is LEFT_OUT
    (70.0, True)
    """
    if isinstance(value, str):
        whole = LINK.fullmatch(value)
        if whole:
            return _named(whole, given)
        parts = [_named(found, given) for found in LINK.finditer(value)]
        if any(part is LEFT_OUT for part in parts):
            return LEFT_OUT
        return LINK.sub(lambda found: str(_named(found, given)), value)
    if isinstance(value, Mapping):
        pairs = ((key, filled(item, given)) for key, item in value.items())
        return {key: item for key, item in pairs if item is not LEFT_OUT}
    if isinstance(value, (list, tuple)):
        return [item for item in (filled(item, given) for item in value) if item is not LEFT_OUT]
    return value


def _named(found: re.Match[str], given: Mapping[str, Mapping[str, Any]]) -> Any:
    return given.get(found[1], {}).get(found[2], LEFT_OUT)
