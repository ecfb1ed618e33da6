"""Rain radar of the KNMI: HDF5 files with the rain of some minutes on cells of 1 km."""

from .series import read_radar

__all__ = ["read_radar"]
