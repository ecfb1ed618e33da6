"""Algorithms that add, trust and remove models of somebody else."""

from .add import AddModel
from .trust import RemoveModel, TrustModel

OTHERS = (AddModel, RemoveModel, TrustModel)
