"""What must hold before the first step of a study runs: its algorithms are here, and have what is asked of them.

A twin file may come from anybody. So it runs models alone unless the user allows more, it reads the files that it
names as its sources alone, and it writes nowhere but in the folder of the results.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from qgis.core import Qgis, QgsApplication, QgsProcessingAlgorithm, QgsProcessingParameterDefinition
from qgis.PyQt.QtCore import QThread

from dtwin_plugin.errors import InputError
from dtwin_plugin.twin.study.links import links
from dtwin_plugin.twin.study.reading import Study

from ..model_algorithm import RECORD, ModelAlgorithm
from .choices import numbered

_DATA = ("raster", "vector", "source", "layer", "multilayer", "mesh", "pointcloud", "annotation", "tiledscene", "file")


def algorithms_of(study: Study, others: bool) -> dict[str, QgsProcessingAlgorithm]:
    """Return the algorithm of each step.

    Parameters
    ----------
    others : bool
        Allow what is no model of the provider: such an algorithm may do anything.

    Raises
    ------
    InputError
        If one is not here, is not allowed, has no such parameter or output, or a choice is not clear.
    """
    found = {}
    for step in study.steps:
        algorithm = QgsApplication.processingRegistry().algorithmById(step["algorithm"])
        if algorithm is None:
            raise InputError(
                "Step {step} asks for {algorithm}, which is not here.",
                hint="Install what it belongs to, or correct the id.",
                step=step["id"],
                algorithm=step["algorithm"],
            )
        if not isinstance(algorithm, ModelAlgorithm) and not others:
            raise InputError(
                "Step {step} asks for {algorithm}, which is no model of this plugin and may do anything.",
                hint="Allow other algorithms, if you trust who made the twin file.",
                step=step["id"],
                algorithm=step["algorithm"],
            )
        _expect_names(step, algorithm)
        if isinstance(algorithm, ModelAlgorithm):
            numbered(step["id"], step["inputs"], algorithm.model.inputs)
        _expect_thread(step, algorithm)
        found[step["id"]] = algorithm
    return found


def _expect_names(step: Mapping[str, Any], algorithm: QgsProcessingAlgorithm) -> None:
    """Raise InputError where a step names what its algorithm does not have; Processing would pass it over."""
    definitions = algorithm.parameterDefinitions()
    files = {one.name() for one in definitions if one.isDestination()} - {RECORD}
    inputs = {one.name() for one in definitions if not one.isDestination()}
    numbers = {one.name() for one in algorithm.outputDefinitions()} - files - {RECORD}
    asked = {name: suffix for name, suffix in step["outputs"].items()}
    checks = (
        (step["inputs"], inputs),
        ([name for name, suffix in asked.items() if suffix], files),
        ([name for name, suffix in asked.items() if not suffix], numbers),
    )
    for names, known in checks:
        for name in names:
            if name not in known:
                raise InputError(
                    "Step {step}: {algorithm} has no {name}; expected {expected}.",
                    hint="Correct the twin file.",
                    step=step["id"],
                    algorithm=step["algorithm"],
                    name=name,
                    expected=", ".join(sorted(known)) or "-",
                )


def _expect_thread(step: Mapping[str, Any], algorithm: QgsProcessingAlgorithm) -> None:
    on_main = QThread.currentThread() == QgsApplication.instance().thread()
    if algorithm.flags() & Qgis.ProcessingAlgorithmFlag.NoThreading and not on_main:
        raise InputError(
            "Step {step}: {algorithm} draws, which it can do on the main thread only.",
            hint="Run the study with qgis_process.",
            step=step["id"],
            algorithm=step["algorithm"],
        )


def used_sources(study: Study, scenarios: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the ids of the sources that are named by what runs; raises InputError of one without its file."""
    asked: list[Any] = [study.steps, [scenario.get("values", {}) for scenario in scenarios], study.indicators]
    names = list(dict.fromkeys(name for kind, name in links(asked) if kind == "source"))
    for name in names:
        path = study.sources[name].get("path", "")
        if not path:
            raise InputError(
                "The source {name} has an address and no file.",
                hint="Load it first, and name the file in the twin file.",
                name=name,
            )
        if not Path(path.partition("|")[0]).is_file():
            raise InputError(
                "The source {name} is not there: {file}.",
                hint="Put the file there, or correct the twin file.",
                name=name,
                file=path.partition("|")[0],
            )
    return names


def expect_own_folder(results: Path, maps: str) -> None:
    """Raise InputError where a folder of somebody else would be replaced by the maps of a study."""
    if (results / maps).exists() and not (results / "study.json").is_file():
        raise InputError(
            "{folder} has a folder {name} that no study made, which would be replaced.",
            hint="Choose another folder for the results.",
            folder=str(results),
            name=maps,
        )


def expect_known(
    step: str, inputs: Mapping[str, Any], definitions: Iterable[QgsProcessingParameterDefinition], known: Iterable[str]
) -> None:
    """Raise InputError where a step reads what is neither a source nor made by an earlier step."""
    allowed = set(known)
    for definition in definitions:
        value = inputs.get(definition.name())
        if definition.type() not in _DATA or value is None:
            continue
        for one in value if isinstance(value, list) else [value]:
            if one not in allowed:
                raise InputError(
                    "Step {step}: {name} is {found}, which is no source and no result of a step.",
                    hint="Name it among the sources of the twin file.",
                    step=step,
                    name=definition.name(),
                    found=str(one),
                )
