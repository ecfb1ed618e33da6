"""The one switch by which an export takes layers along that are not for others."""

from __future__ import annotations

from qgis.core import QgsProcessingParameterBoolean, QgsProcessingParameterDefinition

from dtwin_plugin.translate import tr

CONFIDENTIAL = "confidential"


def confidential_parameter() -> QgsProcessingParameterBoolean:
    """Return the switch, off and advanced."""
    parameter = QgsProcessingParameterBoolean(CONFIDENTIAL, tr("With confidential layers"), False)
    parameter.setFlags(parameter.flags() | QgsProcessingParameterDefinition.Flag.FlagAdvanced)
    parameter.setHelp(
        tr("Take layers along that may not be handed on, such as cables of KLIC. Only for use within the request.")
    )
    return parameter
