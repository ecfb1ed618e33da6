"""What was added, as models of the socket: each asks for trust before its engine runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from dtwin_plugin.models.base import Model, Values
from dtwin_plugin.progress import Progress

from .reading import Plugged
from .store import added
from .trust import require_trusted


def models(root: Path) -> Iterator[Model]:
    """Yield the models that were added below a folder; nothing of theirs is run or imported."""
    for plugged in added(root):
        yield model_of(plugged, root)


def model_of(plugged: Plugged, root: Path) -> Model:
    """Return what was added as a model; its run raises InputError where nobody has trusted it as it is now."""

    def run(values: Values, progress: Progress) -> dict[str, Any]:
        require_trusted(root, plugged)
        return _engine(plugged.engine["kind"])(plugged, values, progress)

    return plugged.model(run)


def _engine(kind: str) -> Callable[[Plugged, Values, Progress], dict[str, Any]]:
    if kind == "command":
        from .command import run_command

        return run_command
    if kind == "bmi":
        from .bmi import run_bmi

        return run_bmi
    from .remote import run_process

    return run_process
