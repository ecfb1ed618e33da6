"""What is wrong with the input of a run, with a code that never changes its meaning."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Callable

from dtwin_plugin.errors import DtwinError, translated

ERROR, WARNING = "error", "warning"


@dataclass(frozen=True)
class Problem:
    """One finding before a run.

    Attributes
    ----------
    code : str
        "DT" and three digits; listed in `docs/checks.md`.
    field : str
        Name of the input it is about.
    message : str
        One sentence with `{names}` for the values: what was expected, what was found, what to do.
    level : {"error", "warning"}
        An error stops the run.
    hint : str
        What to do, where another sentence tells it; with the same values.
    """

    code: str
    field: str
    message: str
    values: dict[str, Any] = dataclasses.field(default_factory=dict)
    level: str = ERROR
    hint: str = ""

    def text(self, translate: Callable[[str], str] = str) -> str:
        """Return the code and the sentence, in the language of `translate`; values that are texts too.

        >>> Problem(
        ...     "DT002", "rain", "{title} is {found}; at least {limit}.", dict(title="Rain", found=-1, limit=0)
        ... ).text()
        'DT002 Rain is -1; at least 0.'
        """
        text = " ".join(translate(part) for part in (self.message, self.hint) if part)
        return f"{self.code} " + text.format(**translated(self.values, translate))


def problem_of(code: str, field: str, error: DtwinError, level: str = ERROR) -> Problem:
    """Return an error that reading an input raises as a finding, to be listed with the others.

    >>> problem_of("DT130", "table", DtwinError("{file} is empty.", "Choose another.", file="own.csv")).text()
    'DT130 own.csv is empty. Choose another.'
    """
    found = Problem(code, field, "{reason}.", {"reason": ""}, level)
    return dataclasses.replace(found, message=error.message, values=error.values, hint=error.hint)
