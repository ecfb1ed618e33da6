"""Trust a model of somebody else by its checksum, and remove one."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputString,
    QgsProcessingParameterString,
)

from dtwin_plugin.layers.models_of_others import algorithms_changed, folder_of_models
from dtwin_plugin.translate import tr

from ..base import DtwinAlgorithm
from .add import GROUP, facts


class _OfOne(DtwinAlgorithm):
    """What is done with a model that was added."""

    GROUP = GROUP

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        name = QgsProcessingParameterString("model", tr("Id of the model"))
        name.setHelp(tr("As it is listed, for example dtwin:grasswater."))
        self.addParameter(name)
        self.addOutput(QgsProcessingOutputString("title", tr("Title of the model")))

    def named(self, parameters: dict[str, Any], context: QgsProcessingContext) -> Any:
        """Return the model; raises InputError where there is none."""
        from dtwin_plugin.processes.plugged.store import one

        return one(folder_of_models(), self.parameterAsString(parameters, "model", context).removeprefix("dtwin:"))

    def postProcessAlgorithm(self, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> dict[str, Any]:
        algorithms_changed()
        return {}


class TrustModel(_OfOne):
    """A person says that a model may run as it is."""

    ID, TITLE = "trustmodel", "Trust a model of others"
    SUMMARY = (
        "Lets a model that was added run on this computer, as it is now: after any change of its files it must be "
        "trusted anew. Without a checksum it tells what the model is and what it runs; look at its folder before you "
        "trust it."
    )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        super().initAlgorithm(configuration)
        checksum = QgsProcessingParameterString("checksum", tr("Checksum"), "", False, True)
        checksum.setHelp(tr("As it was shown when the model was added; it stands for all files of the model."))
        self.addParameter(checksum)

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        from dtwin_plugin.processes.plugged.trust import digest, trust

        plugged = self.named(parameters, context)
        checksum = self.parameterAsString(parameters, "checksum", context)
        if not checksum:
            for line in facts(plugged, digest(plugged.folder)):
                feedback.pushInfo(line)
            return {"title": plugged.title}
        trust(folder_of_models(), plugged, checksum)
        feedback.pushInfo(tr("{title} {version} may run.").format(title=plugged.title, version=plugged.version))
        return {"title": plugged.title}


class RemoveModel(_OfOne):
    """A model that was added is taken away."""

    ID, TITLE = "removemodel", "Remove a model of others"
    SUMMARY = "Removes a model that was added, with its files and with the trust in it. Results that it made stay."

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        from dtwin_plugin.processes.plugged.store import remove
        from dtwin_plugin.processes.plugged.trust import forget

        plugged = self.named(parameters, context)
        remove(folder_of_models(), plugged.id)
        forget(folder_of_models(), plugged.id)
        return {"title": plugged.title}
