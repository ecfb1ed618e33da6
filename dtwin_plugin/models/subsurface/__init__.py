"""Models of the subsurface: what is there, what fits beside it, and how it works through above."""

from .clash_model import CLASH
from .depth_model import DEPTH_BODIES

SUBSURFACE = (CLASH, DEPTH_BODIES)  # the descriptions, in the order of a form

__all__ = ["SUBSURFACE"]
