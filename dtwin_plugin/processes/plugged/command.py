"""A program on the command line as the engine of a model: files in, files out."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from dtwin_plugin.errors import ModelError
from dtwin_plugin.models.base import Values
from dtwin_plugin.progress import Part, Progress
from dtwin_plugin.sources.describe import python_program

from .child import TIMEOUT, run_program
from .engine_text import PLACE, commands
from .files import given, place_of, taken
from .reading import Plugged

_SYSTEMS = {"linux": "linux", "win32": "windows", "darwin": "macos"}


def run_command(plugged: Plugged, values: Values, progress: Progress) -> dict[str, Any]:
    """Return what a program makes of the values of the inputs.

    Raises
    ------
    ModelError
        If there is no command for this system, a program is missing, it fails, or a result is not there.
    """
    _require_programs(plugged)
    with tempfile.TemporaryDirectory(prefix="dtwin-", ignore_cleanup_errors=True) as name:
        work = Path(name)
        inside = work / "work"
        for folder in ("inputs", "outputs", "work"):
            (work / folder).mkdir()
        words = {
            item.name: given(item, values[item.name], work / "inputs", progress)
            for item in plugged.inputs
            if values.get(item.name) is not None
        }
        places = {item.name: place_of(item, work / "outputs") for item in plugged.outputs}
        words.update({name: str(path) for name, path in places.items()})
        words.update(folder=str(plugged.folder.resolve()), work=str(inside), python=python_program())
        command = arguments(_of_system(plugged), words)
        timeout = float(plugged.engine.get("timeout", TIMEOUT))
        run_program(command, inside, Part(progress, 0.05, 0.95), timeout, plugged.title)
        made = {item.name: taken(item, places[item.name], plugged.title, progress) for item in plugged.outputs}
        return {name: value for name, value in made.items() if value is not None}


def arguments(items: list[Any], words: dict[str, str]) -> list[str]:
    """Return a command with its names filled in; a list within it is left out where an input in it is.

    >>> arguments(["run", ["--rain", "{rain}"], ["-f", "{file}"], "{a}={b}"], {"rain": "5", "a": "x", "b": "{rain}"})
    ['run', '--rain', '5', 'x={rain}']
    """
    filled: list[str] = []
    for item in items:
        texts = item if isinstance(item, list) else [item]
        if all(name in words for text in texts for name in PLACE.findall(text)):
            filled += [PLACE.sub(lambda match: words[match[1]], text) for text in texts]
        elif not isinstance(item, list):  # its place counts: nothing may move up
            filled.append(PLACE.sub(lambda match: words.get(match[1], ""), item))
    return filled


def _of_system(plugged: Plugged) -> list[Any]:
    by_system = commands(plugged.engine)  # type: ignore[arg-type]
    found = by_system.get("") or by_system.get(_SYSTEMS.get(sys.platform, ""))
    if not found:
        raise ModelError(
            "{title} has no program for this system; it has one for {systems}.",
            hint="Ask its owner, or run it on such a system.",
            title=plugged.title,
            systems=", ".join(by_system),
        )
    return found


def _require_programs(plugged: Plugged) -> None:
    missing = [name for name in plugged.engine.get("needs", ()) if shutil.which(name) is None]
    if missing:
        raise ModelError(
            "{title} needs {programs}, which is not installed here.",
            hint="Let whoever keeps this computer install it.",
            title=plugged.title,
            programs=", ".join(missing),
        )
