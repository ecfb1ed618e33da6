"""Cloud optimised point clouds (COPC): read by area and resolution, and written."""

from .source import CopcSource
from .writer import write_copc

__all__ = ["CopcSource", "write_copc"]
