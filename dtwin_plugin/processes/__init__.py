"""OGC API - Processes: a model as a process description."""

from .description import process_description

__all__ = ["process_description"]
