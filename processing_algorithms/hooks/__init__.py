"""What single models need beyond their description: an algorithm of their own, by the id of the model."""

from .flood import FloodAlgorithm
from .section import SectionAlgorithm
from .shadow_study import ShadowStudyAlgorithm

HOOKS = {"flood": FloodAlgorithm, "section": SectionAlgorithm, "shadowstudy": ShadowStudyAlgorithm}
