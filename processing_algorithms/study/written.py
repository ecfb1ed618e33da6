"""The files of a study: its table, its maps, its page, and a list of all that was made."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from qgis.core import Qgis, QgsProcessingContext

from dtwin_plugin.data.atomic import written_beside
from dtwin_plugin.errors import DtwinError
from dtwin_plugin.layers.write import write_table
from dtwin_plugin.paths import version
from dtwin_plugin.translate import language, tr
from dtwin_plugin.twin import RunRecord
from dtwin_plugin.twin.privacy import is_public, strictest
from dtwin_plugin.twin.record import InputRecord, plain
from dtwin_plugin.twin.record_schema import read_record
from dtwin_plugin.twin.study.answer import answer
from dtwin_plugin.twin.study.page import page_of
from dtwin_plugin.twin.study.reading import Study
from dtwin_plugin.twin.study.table import rows

from ..base import sidecars
from ..feedback import FeedbackProgress
from .chain import Chain, Outcome
from .pictures import draw_map
from .results import indicator_value, write_difference

MAPS = "differences"
_NUMBERS = ("value", "change", "norm", "alert")


class Written:
    """What is written of a study whose scenarios have run.

    Attributes
    ----------
    answer : list of str
        The sentences of the page that answer its question.
    """

    def __init__(
        self, study: Study, sha256: str, results: Path, outcomes: Mapping[str, Outcome], chain: Chain, person: str
    ) -> None:
        self.study, self.sha256, self.results, self.outcomes, self.chain = study, sha256, results, outcomes, chain
        self.person = person
        self.values: dict[str, dict[str, float | None]] = {}
        self.answer: list[str] = []
        self.maps: list[tuple[str, Path]] = []
        self.now = datetime.now(timezone.utc).isoformat(timespec="seconds")
        self.records = self._read_records()
        levels = [study.sources[name]["privacy"] for name in chain.paths]
        self.privacy = strictest([*levels, *(record.privacy for record in self.records.values())])

    def _read_records(self) -> dict[str, RunRecord]:
        """Return the records of all runs by their paths, each once."""
        found = {}
        for outcome in self.outcomes.values():
            for made in outcome.steps.values():
                with suppress(DtwinError):  # of an algorithm of others it may be anything
                    if made.record and made.record not in found:
                        found[made.record] = read_record(Path(made.record))
        return found

    def write(self, context: QgsProcessingContext, progress: FeedbackProgress) -> dict[str, str]:
        """Measure, compare and write; return the paths of the outputs. Raises DtwinError, OSError."""
        for scenario in self.study.scenarios:
            given = self.outcomes[scenario["id"]].given
            self.values[scenario["id"]] = {
                one["id"]: indicator_value(one, given, context, progress) for one in self.study.indicators
            }
        table = rows(self.study.indicators, self.study.scenarios, self.values)
        self.answer = answer(self.study, table, tr, language())
        self._write_maps(progress)
        names = ("study.html", "indicators.csv", "indicators.gpkg", "study.json")
        page, sheet, package, told = (self.results / name for name in names)
        if self.study.indicators:
            _write_csv(table, sheet)
            columns = {name: [_cell(name, one) for one in cells] for name, cells in table.items()}
            write_table(columns, package, "indicators", progress)
        with written_beside(told) as temporary:
            temporary.write_text(json.dumps(plain(self._told()), indent=1, ensure_ascii=False), encoding="utf-8")
        with written_beside(page) as temporary:
            pictures = {title: path.with_name(f"{path.name}.png") for title, path in self.maps}
            temporary.write_text(page_of(self.study, table, self._notes(), pictures, tr, language()), encoding="utf-8")
        made = {"page": page, "csv": sheet, "table": package, "study": told}
        return {name: str(path) for name, path in made.items() if path.is_file()}

    def _write_maps(self, progress: FeedbackProgress) -> None:
        """Write what each scenario changes, in a folder that appears when all are there."""
        first, *others = self.study.scenarios
        if not self.study.differences or not others:
            return
        with written_beside(self.results / MAPS) as folder:
            folder.mkdir(parents=True)
            for scenario in others:
                for difference in self.study.differences:
                    self._write_map(difference, first, scenario, folder, progress)

    def _write_map(
        self,
        difference: Mapping[str, Any],
        first: Mapping[str, Any],
        scenario: Mapping[str, Any],
        folder: Path,
        progress: FeedbackProgress,
    ) -> None:
        found = [self.outcomes[one["id"]].given["step"].get(difference["of"]) for one in (first, scenario)]
        title = f"{difference['title']}: {scenario['title']}"
        if not all(isinstance(path, str) for path in found):
            progress.warn("{title}: one of the two scenarios has no such raster, so that there is no map.", title=title)
            return
        pairs = zip(("before", "after"), found)
        record = RunRecord(
            "runstudy", version(), title, self.study.purpose or self.study.title,
            {"of": difference["of"], "threshold": difference["threshold"]},
            [InputRecord.of_file(name, Path(path), progress.is_cancelled) for name, path in pairs],
            software={"qgis": Qgis.version()}, privacy=self.privacy, person=self.person, language=language(),
            rights=list(dict.fromkeys(self.study.sources[name]["licence"] for name in self.chain.paths)),
        )  # fmt: skip
        record.end()
        name = f"{difference['id']}_{scenario['id']}.tif"
        write_difference(difference, (found[0], found[1]), folder / name, record, progress)
        draw_map(folder / name, scenario, self.outcomes[scenario["id"]], self.chain.algorithms, folder / f"{name}.png")
        self.maps.append((title, self.results / MAPS / name))

    def _notes(self) -> dict[str, str]:
        used = [
            f"{self.study.sources[name]['title']} ({self.study.sources[name]['licence']}, "
            f"sha256 {self.chain.checksums[name][:16]})"
            for name in self.chain.paths
        ]
        notes = {
            tr("Twin file"): f"{self.study.file.name}, sha256 {self.sha256}",
            tr("Calculated"): f"{self.now}, {tr('Digital Twin')} {version()}, QGIS {Qgis.version()}",
            tr("Data"): ", ".join(used),
        }
        return notes if is_public(self.privacy) else {tr("Confidential: not for others"): self.privacy, **notes}

    def runs(self) -> dict[str, Any]:
        """Return what the twin file keeps of each scenario."""
        return {
            name: {
                "calculated": self.now,
                "twin": version(),
                "runs": [self.records[one.record].id for one in outcome.steps.values() if one.record in self.records],
                "indicators": self.values[name],
            }
            for name, outcome in self.outcomes.items()
        }

    def _told(self) -> dict[str, Any]:
        steps = {
            name: {
                step: {"folder": str(one.folder), "calculated": one.calculated, "outputs": one.outputs,
                       "record": one.record}
                for step, one in outcome.steps.items()
            }
            for name, outcome in self.outcomes.items()
        }  # fmt: skip
        return {
            "format": "dtwin-study",
            "title": self.study.title,
            "twin": self.study.file.name,
            "sha256": self.sha256,
            "calculated": self.now,
            "privacy": self.privacy,
            "answer": self.answer,
            "indicators": self.values,
            "scenarios": steps,
            "records": list(self.records),
            "maps": [str(path) for _, path in self.maps],
        }

    def show(self, context: QgsProcessingContext) -> None:
        """Let QGIS add the maps, in a group."""
        if context.project() is None:
            return
        for title, path in self.maps:
            details = QgsProcessingContext.LayerDetails(title, context.project(), path.stem)
            details.groupName = self.study.title
            details.setPostProcessor(sidecars())
            context.addLayerToLoadOnCompletion(str(path), details)


def _write_csv(table: Mapping[str, list[Any]], path: Path) -> None:
    with written_beside(path) as temporary:
        with temporary.open("w", encoding="utf-8-sig", newline="") as stream:  # so that spreadsheets know it is UTF-8
            writer = csv.writer(stream)
            writer.writerow(table)
            writer.writerows(zip(*(["" if cell is None else cell for cell in cells] for cells in table.values())))


def _cell(name: str, value: Any) -> Any:
    return float("nan") if value is None and name in _NUMBERS else value
