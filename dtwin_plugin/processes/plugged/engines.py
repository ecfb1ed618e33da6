"""What was added, as models of the socket: each asks for trust before its engine runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dtwin_plugin.models.base import Model, Values
from dtwin_plugin.progress import Progress

from .reading import Plugged
from .store import added
from .trust import require_trusted

if TYPE_CHECKING:
    from ..remote import Connect


def models(root: Path, connect: Connect | None = None) -> Iterator[Model]:
    """Yield the models that were added below a folder; nothing of theirs is run or imported."""
    for plugged in added(root):
        yield model_of(plugged, root, connect)


def model_of(plugged: Plugged, root: Path, connect: Connect | None = None) -> Model:
    """Return what was added as a model; its run raises InputError where nobody has trusted it as it is now.

    Parameters
    ----------
    connect : callable, optional
        How a model that is a process of a server reaches it; see `remote.run_process`.
    """

    def run(values: Values, progress: Progress) -> dict[str, Any]:
        require_trusted(root, plugged)
        kind = plugged.engine["kind"]
        if kind == "process":
            from .remote import run_process

            return run_process(plugged, values, progress, connect)
        return _engine(kind)(plugged, values, progress)

    return plugged.model(run)


def _engine(kind: str) -> Callable[[Plugged, Values, Progress], dict[str, Any]]:
    if kind == "bmi":
        from .bmi import run_bmi

        return run_bmi
    from .command import run_command

    return run_command
