"""OGC API - Processes, both ways: a model as a process description, and a process of a server as a model."""

from .description import process_description

__all__ = ["process_description"]
