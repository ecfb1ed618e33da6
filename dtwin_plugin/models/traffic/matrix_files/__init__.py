"""Matrices in files: OMX, CSV with a row for each pair or each origin, and TNTP trips."""

from .files import MatrixFile, read_matrices

__all__ = ["MatrixFile", "read_matrices"]
