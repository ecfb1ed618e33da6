"""A municipal digital twin in QGIS: federated sources and calculation models in one socket."""

from __future__ import annotations

from typing import Any


def classFactory(iface: Any) -> Any:
    """Return the plugin, as QGIS asks for it; `iface` is None in `qgis_process`."""
    from .plugin import DtwinPlugin
    from .processing_algorithms.provider import DtwinProvider  # stands beside this file in the assembled plugin

    return DtwinPlugin(iface, DtwinProvider)
