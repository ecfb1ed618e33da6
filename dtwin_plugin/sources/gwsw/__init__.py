"""GWSW-Hyd (HydX): the Dutch exchange of sewer networks as CSV files, and its network as input of SWMM."""

from .network import Fault, Sewer, sewer_of
from .source import GwswSource
from .swmm import inp_of

__all__ = ["Fault", "GwswSource", "Sewer", "inp_of", "sewer_of"]
