"""Models of the subsurface: what is there, what fits beside it, and how it works through above."""

from .claim_models import CLAIMS, CORRIDOR
from .clash_model import CLASH
from .depth_model import DEPTH_BODIES
from .ground_models import EXCAVATION, INFILTRATION, SETTLEMENT
from .voxels_model import VOXEL_MODELS

SUBSURFACE = (CLAIMS, CLASH, CORRIDOR, DEPTH_BODIES, *VOXEL_MODELS)  # the descriptions

__all__ = ["SUBSURFACE"]
