"""What is built on of pygeoapi. Where it is not installed the classes can be read and not used."""

from __future__ import annotations

from typing import Any

try:
    from pygeoapi.process.base import BaseProcessor, JobNotFoundError, JobResultNotFoundError
    from pygeoapi.process.manager.base import BaseManager
except ImportError:
    BaseProcessor = BaseManager = object
    JobNotFoundError = JobResultNotFoundError = LookupError

Metadata = dict[str, Any]
__all__ = ["BaseManager", "BaseProcessor", "JobNotFoundError", "JobResultNotFoundError", "Metadata"]
