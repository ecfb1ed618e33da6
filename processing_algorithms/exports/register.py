"""The model register for others: pages, process descriptions, DCAT-AP-NL, and the Dutch algorithm register."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterFolderDestination,
)

from dtwin_plugin.errors import InputError
from dtwin_plugin.models.base import Field
from dtwin_plugin.processes.register.algorithm import CATEGORIES, OF_THE_ORGANISATION, STATUS, Use
from dtwin_plugin.translate import mark, tr

from ..base import DtwinAlgorithm
from ..parameters import input_parameter

_STATUS = dict(zip(STATUS, (mark("In development"), mark("In use"), mark("No longer in use"))))
_CATEGORIES = dict(
    zip(CATEGORIES, (mark("High-risk AI system"), mark("Algorithm with impact"), mark("Other algorithm")))
)
FIELDS = (
    Field("models", "Models", "text", optional=True, doc="Ids with a comma between them; all if left out."),
    Field("organisation", "Organisation", "text", doc="Who uses the models and publishes the register: its full name."),
    Field("email", "E-mail address", "text", doc="Where questions on the models go."),
    Field(
        "homepage", "Web address of the organisation", "text", optional=True,
        doc="The identifiers in DCAT-AP-NL begin with it; without it they are no web addresses.",
    ),
    Field(
        "server", "Server with the models", "text", optional=True,
        doc="Address of an OGC API that has them as processes; DCAT-AP-NL then describes the services too.",
    ),
    Field(
        "status", "Status", "choice", default=STATUS[1], choices=_STATUS,
        doc="Of the models, for the algorithm register.",
    ),
    Field(
        "category", "Publication category", "choice", default=CATEGORIES[2], choices=_CATEGORIES,
        doc="Of the models, for the algorithm register. Which it is depends on what is decided with them.",
    ),
)  # fmt: skip


class ExportRegister(DtwinAlgorithm):
    """Models to the registers of others."""

    ID, TITLE, GROUP = "exportregister", "Export model register", "Models"
    SUMMARY = (
        "Which models do we use, how do they work, and how well? Writes a page for each model with its purpose, "
        "method, literature, inputs, validity, uncertainty and validation, and the same for registers: OGC process "
        "descriptions, DCAT-AP-NL 3.0, and the Dutch algorithm register 1.0."
    )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        for item in FIELDS:
            self.addParameter(input_parameter(item))
        folder = QgsProcessingParameterFolderDestination("folder", tr("Folder"))
        folder.setHelp(tr("Gets index.html with a page for each model, and the files for registers beside them."))
        self.addParameter(folder)
        self.addOutput(QgsProcessingOutputNumber("written", tr("Models written")))

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        from dtwin_plugin.catalogue.dcat import Publisher
        from dtwin_plugin.processes.register import records
        from dtwin_plugin.processes.register.writing import write

        text = {
            item.name: self.parameterAsString(parameters, item.name, context).strip()
            for item in FIELDS
            if item.kind == "text"
        }
        status = STATUS[self.parameterAsEnum(parameters, "status", context)]
        category = CATEGORIES[self.parameterAsEnum(parameters, "category", context)]
        folder = Path(self.parameterAsString(parameters, "folder", context))
        found = records(_chosen(text["models"]))
        publisher = Publisher(text["organisation"], text["email"], text["homepage"])
        use = Use(text["organisation"], text["email"], status, category)
        write(found, folder, publisher, use, text["server"], date.today())
        feedback.pushInfo(
            tr("Still to be filled in by your organisation in the algorithm register: {fields}.").format(
                fields=", ".join(OF_THE_ORGANISATION.values())
            )
        )
        return {"folder": str(folder), "written": len(found)}


def _chosen(ids: str) -> list[Any]:
    from dtwin_plugin.models import MODELS

    names = [name.strip().removeprefix("dtwin:") for name in ids.split(",") if name.strip()]
    unknown = [name for name in names if name not in MODELS]
    if unknown:
        raise InputError(
            "There is no model {names}.",
            hint="Give ids as the pages of the reference have them, or leave this out for all models.",
            names=", ".join(unknown),
        )
    return [MODELS[name] for name in names] or list(MODELS.values())
