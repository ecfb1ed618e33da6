"""Models of the subsurface: what is there, what fits beside it, and how it works through above."""

from .claim_models import CLAIMS, CORRIDOR
from .clash_model import CLASH
from .depth_model import DEPTH_BODIES
from .excavation_model import EXCAVATION
from .ground_models import INFILTRATION, SETTLEMENT
from .section_model import SECTION
from .settlement_sites import SETTLEMENT_SITES
from .suitability_model import SUITABILITY
from .voxels_model import VOXEL_MODELS

# the descriptions
SUBSURFACE = (
    CLAIMS,
    CLASH,
    CORRIDOR,
    DEPTH_BODIES,
    EXCAVATION,
    INFILTRATION,
    SECTION,
    SETTLEMENT,
    SETTLEMENT_SITES,
    SUITABILITY,
    *VOXEL_MODELS,
)

__all__ = ["SUBSURFACE"]
