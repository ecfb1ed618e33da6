"""What has been delivered: the facts of files and folders."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterNumber,
)

from dtwin_plugin.translate import tr

from ..base import DtwinAlgorithm


class Describe(DtwinAlgorithm):
    """Files to their facts."""

    ID, TITLE, GROUP = "describe", "Describe files", "Sources"
    SUMMARY = (
        "What has been delivered? For each file: which source reads it, whether it loads, its counts, levels of "
        "detail, coordinate system and extent, or one sentence on what is wrong. Each is read in a process of its own."
    )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        files = QgsProcessingParameterMultipleLayers("files", tr("Files or folders"), QgsProcessing.SourceType.TypeFile)
        files.setHelp(tr("Folders are searched to the bottom; a zip counts as one file."))
        self.addParameter(files)
        kind = QgsProcessingParameterNumber.Type.Double
        limit = QgsProcessingParameterNumber("timeout", tr("Time limit") + " [s]", kind, 60.0, False, 1, 3600)
        limit.setHelp(tr("For each file; one that takes longer is refused."))
        self.addParameter(limit)
        table = QgsProcessingParameterFileDestination("table", tr("Facts"), "JSON (*.json)")
        table.setHelp(tr("A row for each file, as JSON."))
        self.addParameter(table)
        self.addOutput(QgsProcessingOutputNumber("loaded", tr("Files that load")))
        self.addOutput(QgsProcessingOutputNumber("refused", tr("Files that are refused")))

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        from dtwin_plugin.data.atomic import written_beside
        from dtwin_plugin.sources.describe import describe_files

        paths = [Path(path) for path in self.parameterAsFileList(parameters, "files", context)]
        rows = describe_files(paths, self.parameterAsDouble(parameters, "timeout", context))
        for row in rows:
            feedback.pushInfo(f"{row['file']}: {row['status']} {row.get('format') or ''} {row.get('message') or ''}")
        path = Path(self.parameterAsFileOutput(parameters, "table", context))
        with written_beside(path) as temporary:
            temporary.write_text(json.dumps(rows, indent=1, ensure_ascii=False), encoding="utf-8")
        loaded = sum(row["status"] == "loaded" for row in rows)
        return {"table": str(path), "loaded": loaded, "refused": len(rows) - loaded}
