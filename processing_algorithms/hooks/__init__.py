"""What single models need beyond their description: an algorithm of their own, by the id of the model."""

from .section import SectionAlgorithm

HOOKS = {"section": SectionAlgorithm}
