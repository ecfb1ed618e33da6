"""The chain of a study: each scenario through all steps; what was calculated before is kept."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from qgis.core import (
    Qgis,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingMultiStepFeedback,
)

from dtwin_plugin.errors import Cancelled, InputError
from dtwin_plugin.layers.privacy import declared
from dtwin_plugin.paths import version
from dtwin_plugin.translate import tr
from dtwin_plugin.twin.record import checksum_of_data
from dtwin_plugin.twin.study.kept import RECORD as RECORD_FILE
from dtwin_plugin.twin.study.kept import Made, begun, finished, kept, key_of, places
from dtwin_plugin.twin.study.links import LEFT_OUT, filled
from dtwin_plugin.twin.study.reading import Study

from ..model_algorithm import PERSON, PURPOSE, RECORD, ModelAlgorithm
from .choices import numbered
from .expected import expect_known

_EMPTY = (None, "", LEFT_OUT)
Given = dict[str, dict[str, Any]]


@dataclass
class Outcome:
    """What a scenario gave.

    Attributes
    ----------
    given : dict
        Sources, outputs of steps and values of the scenario, by which links are filled in.
    steps : dict of str to Made
        Those that were not passed over.
    """

    given: Given
    steps: dict[str, Made] = field(default_factory=dict)


class Chain:
    """Runs the steps of a study in one folder.

    Parameters
    ----------
    sources : list of str
        Ids of the sources that are used.
    person : str
        Who answers for the runs; for their records.
    scenarios : int
        How many there are, for the progress.

    Attributes
    ----------
    calculated, reused : int
        Steps that were run, and those that were there.
    """

    def __init__(
        self,
        study: Study,
        results: Path,
        algorithms: Mapping[str, QgsProcessingAlgorithm],
        sources: list[str],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        person: str,
        scenarios: int,
    ) -> None:
        self.study, self.results, self.algorithms, self.person = study, results, algorithms, person
        self.context, self.feedback = context, QgsProcessingMultiStepFeedback(scenarios * len(study.steps), feedback)
        self.calculated = self.reused = self._done = 0
        self._made: dict[str, Made] = {}
        self._first: tuple[dict[str, Any], dict[str, Any]] = {}, {}  # what steps of the first scenario made, as below
        self.paths = {name: study.sources[name]["path"] for name in sources}
        self.checksums = {name: self._checksum(name) for name in sources}
        self._levels = {
            path.partition("|")[0]: (study.sources[name]["privacy"], study.sources[name]["licence"])
            for name, path in self.paths.items()
        }

    def _checksum(self, name: str) -> str:
        source = self.study.sources[name]
        found = checksum_of_data(Path(source["path"].partition("|")[0]), self.feedback.isCanceled)
        if self.feedback.isCanceled():
            raise Cancelled
        if source.get("sha256", found).lower() != found:
            raise InputError(
                "The source {name} is another file than the twin file tells: SHA-256 {found}, expected {expected}.",
                hint="Put the right file there, or write its checksum into the twin file.",
                name=name,
                found=found,
                expected=source["sha256"],
            )
        return found

    def run(self, scenario: Mapping[str, Any]) -> Outcome:
        """Take a scenario through all steps.

        Raises
        ------
        Cancelled
            If the user stops it; steps that were whole are kept.
        InputError, QgsProcessingException
            If a step cannot run; which one and of which scenario is told.
        """
        given, named = (self._given(scenario, *pair) for pair in zip((self.paths, self._stand_ins()), self._first))
        outcome = Outcome(given)
        for step in self.study.steps:
            if self.feedback.isCanceled():
                raise Cancelled
            self.feedback.setCurrentStep(self._done)
            self._done += 1
            if "when" in step and given["scenario"].get(step["when"]) in _EMPTY:
                for name, link in step.get("otherwise", {}).items():
                    for one in (given, named):
                        one["step"][f"{step['id']}.{name}"] = filled(link, one)
                continue
            made = self._step(scenario, step, given, named)
            outcome.steps[step["id"]] = made
            for name, value in made.outputs.items():
                given["step"][f"{step['id']}.{name}"] = value
                sha256 = made.checksums.get(name)
                named["step"][f"{step['id']}.{name}"] = f"sha256:{sha256}" if sha256 else value
        if scenario is self.study.scenarios[0]:
            self._first = given["step"], named["step"]
        return outcome

    def _stand_ins(self) -> dict[str, str]:
        """Return what stands for the sources in keys: their content, the layer in them, and what holds for them."""
        found = {}
        for name, path in self.paths.items():
            about = self.study.sources[name]
            layer = path.partition("|")[2]
            found[name] = f"sha256:{self.checksums[name]}|{layer}|{about['privacy']}|{about['licence']}"
        return found

    def _given(self, scenario: Mapping[str, Any], sources: Mapping[str, str], first: Mapping[str, Any]) -> Given:
        values = filled(scenario.get("values", {}), {"source": sources})
        return {"source": dict(sources), "step": {}, "first": dict(first), "scenario": values}

    def _step(self, scenario: Mapping[str, Any], step: Mapping[str, Any], given: Given, named: Given) -> Made:
        algorithm = self.algorithms[step["id"]]
        model = algorithm.model.version if isinstance(algorithm, ModelAlgorithm) else Qgis.version()
        versions = {"plugin": version(), "algorithm": model}
        key = key_of(step["algorithm"], versions, filled(step["inputs"], named), step["outputs"])
        title = step.get("title") or tr(algorithm.displayName())
        known = self._made.get(key) or kept(self.results, key, step["outputs"], self.feedback.isCanceled)
        if self.feedback.isCanceled():
            raise Cancelled
        if known is not None:
            self.reused += 1
            self.feedback.pushInfo(tr("{scenario}: {step} was there").format(scenario=scenario["title"], step=title))
        else:
            self.feedback.pushInfo(f"{scenario['title']}: {title}")
            inputs = filled(step["inputs"], given)
            files = [value for part in ("source", "step", "first") for value in given[part].values()]
            if isinstance(algorithm, ModelAlgorithm):
                inputs = numbered(step["id"], inputs, algorithm.model.inputs)
            expect_known(step["id"], inputs, algorithm.parameterDefinitions(), [f for f in files if f is not LEFT_OUT])
            known = self._calculate(f"{scenario['title']}, {title}", step, algorithm, inputs, key)
            self.calculated += 1
        self._made[key] = known
        return known

    def _calculate(
        self, title: str, step: Mapping[str, Any], algorithm: QgsProcessingAlgorithm, inputs: dict[str, Any], key: str
    ) -> Made:
        """Run an algorithm in the folder of its step; nothing is left of one that fails or is stopped."""
        folder = begun(self.results, key)
        where = places(folder, step["outputs"])
        names = {definition.name() for definition in algorithm.parameterDefinitions()}
        told = {PURPOSE: self.study.purpose or self.study.title, PERSON: self.person, RECORD: str(folder / RECORD_FILE)}
        parameters = {**{name: value for name, value in told.items() if name in names}, **inputs, **where}
        made = Made(key, folder, calculated=datetime.now(timezone.utc).isoformat(timespec="seconds"))
        whole = False
        try:
            with declared(self._levels):
                found, _ = algorithm.run(parameters, self._own_context(), self.feedback, {}, False)
            for name in step["outputs"]:
                if name in where and Path(where[name]).is_file():
                    made.outputs[name] = where[name]
                elif name not in where and found.get(name) is not None:
                    made.outputs[name] = found[name]
            made.record = str(folder / RECORD_FILE) if (folder / RECORD_FILE).is_file() else ""
            finished(made, step["algorithm"], self.feedback.isCanceled)
            whole = not self.feedback.isCanceled()
        except QgsProcessingException as error:
            if self.feedback.isCanceled():
                raise Cancelled from error
            raise QgsProcessingException(f"{title}: {error}") from error
        finally:
            if not whole:
                shutil.rmtree(folder, ignore_errors=True)
        if not whole:
            raise Cancelled
        return made

    def _own_context(self) -> QgsProcessingContext:
        """Return a context without a project: what a step reads is what the twin file says, and nothing is loaded."""
        context = QgsProcessingContext()
        context.setTransformContext(self.context.transformContext())
        context.setInvalidGeometryCheck(self.context.invalidGeometryCheck())
        context.setFeedback(self.feedback)
        return context
