"""Where models of somebody else are kept, and how QGIS learns that there is one more."""

from __future__ import annotations

import os
from pathlib import Path

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QTimer

FOLDER = "DTWIN_MODELS"  # of the environment: a folder that an organisation shares


def folder_of_models() -> Path:
    """Return the folder below which models are kept: in the profile of QGIS, or where the organisation says."""
    given = os.environ.get(FOLDER)
    return Path(given) if given else Path(QgsApplication.qgisSettingsDirPath()) / "dtwin" / "models"


def algorithms_changed() -> None:
    """Let the toolbox list its algorithms anew, when the algorithm that runs now is done."""
    QTimer.singleShot(0, _refresh)


def _refresh() -> None:
    provider = QgsApplication.processingRegistry().providerById("dtwin")
    if provider is not None:
        provider.refreshAlgorithms()
