"""Figures of the project beside those of other programs, measured in the same run."""
