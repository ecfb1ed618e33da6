"""A model as a process of pygeoapi: in its configuration, `processor: {name: <this class>, model: flood}`."""

from __future__ import annotations

from typing import Any

from ..description import process_description
from .orders import served
from .pygeoapi_base import BaseProcessor


class ModelProcessor(BaseProcessor):
    """A process that is described by its model; the manager carries it out, in a process of its own."""

    def __init__(self, definition: dict[str, Any]) -> None:
        from dtwin_plugin.models import MODELS

        self.model = MODELS[definition["model"]]
        super().__init__(definition, process_description(served(self.model)))
        self.supports_outputs = True

    def execute(self, data: dict[str, Any], outputs: dict[str, Any] | None = None) -> tuple[str, Any]:
        """Refuse: a process without the manager of this package has nowhere to keep its results."""
        raise RuntimeError("Set server.manager.name to dtwin_plugin.processes.server.manager.JobManager.")
