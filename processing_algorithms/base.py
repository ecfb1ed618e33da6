"""What all algorithms of the plugin share: id, texts, icon, and one edge at which errors become messages."""

from __future__ import annotations

import html
from typing import Any

from qgis.core import (
    Qgis,
    QgsMapLayer,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingFeedback,
    QgsProcessingLayerPostProcessorInterface,
    QgsProcessingUtils,
    QgsVectorLayer,
)
from qgis.PyQt import sip
from qgis.PyQt.QtGui import QIcon

from dtwin_plugin.errors import DtwinError, file_error, package_error
from dtwin_plugin.layers.icons import icon
from dtwin_plugin.translate import tr

from .destinations import check_destinations


class _Sidecars(QgsProcessingLayerPostProcessorInterface):
    """Gives a result that is added to the map the style, times and metadata that were stored with it."""

    def postProcessLayer(
        self, layer: QgsMapLayer, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        from dtwin_plugin.layers.finish import fit_in, load_sidecars  # with all styles; QGIS starts without them

        load_sidecars(layer)
        fit_in(layer, context.project())


_kept: set[_Sidecars] = set()


def sidecars() -> _Sidecars:
    """Return a processor for one layer: QGIS deletes it with the run, but keeps no reference until then."""
    _kept.difference_update([processor for processor in list(_kept) if sip.isdeleted(processor)])
    processor = _Sidecars()
    _kept.add(processor)
    return processor


def paragraph(text: str, title: str = "") -> str:
    """Return a paragraph of the help; texts may come from anybody's description and are no HTML."""
    return f"<p>{f'<b>{html.escape(title, quote=False)}</b>: ' if title else ''}{html.escape(text, quote=False)}</p>"


class DtwinAlgorithm(QgsProcessingAlgorithm):
    """An algorithm of the plugin.

    Sub-classes set the texts, declare parameters in `initAlgorithm`, and do their work in `work`, where a `DtwinError`
    becomes the one sentence that the user sees.
    """

    ID, TITLE, GROUP, SUMMARY = "", "", "", ""

    def name(self) -> str:
        return self.ID

    def displayName(self) -> str:
        return tr(self.TITLE)

    def group(self) -> str:
        return tr(self.GROUP)

    def groupId(self) -> str:
        return self.GROUP.lower().replace(" ", "")

    def shortDescription(self) -> str:
        return tr(self.SUMMARY)

    def shortHelpString(self) -> str:
        """Return the summary and a line for every parameter and output."""
        lines = [paragraph(tr(self.SUMMARY))]
        definitions = [definition for definition in self.parameterDefinitions() if definition.help()]
        for definition in sorted(definitions, key=lambda definition: definition.isDestination()):
            lines.append(paragraph(definition.help(), definition.description()))
        return "".join(lines)

    def helpUrl(self) -> str:
        return ""

    def icon(self) -> QIcon:
        return icon(f"group_{self.groupId()}")

    def createInstance(self) -> DtwinAlgorithm:
        return type(self)()

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        """Do the work and return the declared outputs; raises DtwinError."""
        raise QgsProcessingException(f"{self.ID}: no work")

    def checkParameterValues(self, parameters: dict[str, Any], context: QgsProcessingContext) -> tuple[bool, str]:
        """Return whether a run may begin, and what is wrong if not: what values may be, where QGIS names them only."""
        unknown = [name for name in parameters if self.parameterDefinition(name) is None]
        well, reason = super().checkParameterValues(parameters, context)
        if well and not unknown:
            return well, reason
        from .wrong_values import unknown_names, wrong_values

        told = [*unknown_names(self, unknown), *([] if well else wrong_values(self, parameters, context))]
        return False, "\n".join(told) or reason

    def processAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        try:
            check_destinations(self, parameters, context)
            return self.work(parameters, context, feedback)
        except DtwinError as error:
            raise QgsProcessingException(error.text(tr)) from error
        except OSError as error:
            raise QgsProcessingException(file_error(error).text(tr)) from error
        except ModuleNotFoundError as error:
            if (error.name or "").startswith("dtwin_plugin"):  # no package that a user can install
                raise
            raise QgsProcessingException(package_error(error).text(tr)) from error

    def source_layer(
        self, parameters: dict[str, Any], name: str, context: QgsProcessingContext
    ) -> QgsVectorLayer | None:
        """Return the layer behind a feature source; of "selected features only" too, where QGIS itself gives none."""
        value = parameters.get(name)
        if not isinstance(value, QgsProcessingFeatureSourceDefinition):
            return self.parameterAsVectorLayer(parameters, name, context)
        text, _ = value.source.valueAsString(context.expressionContext())
        found = QgsProcessingUtils.mapLayerFromString(text, context)
        return found if isinstance(found, QgsVectorLayer) else None

    def destination(self, parameters: dict[str, Any], name: str, context: QgsProcessingContext) -> str:
        """Return the path of a destination; empty where the user wants none."""
        if parameters.get(name) is None and bool(
            self.parameterDefinition(name).flags() & Qgis.ProcessingParameterFlag.Optional
        ):
            return ""
        path = self.parameterAsOutputLayer(parameters, name, context)
        if context.willLoadLayerOnCompletion(path):
            context.layerToLoadOnCompletionDetails(path).setPostProcessor(sidecars())
        return path
