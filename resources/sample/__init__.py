"""Waterdam: a fictional Dutch neighbourhood of 1 km2, made by rule in the formats of the national data sets.

`python -m resources.sample OUTDIR` writes it. Nothing is downloaded and nothing is random from run to run: every
draw comes from one seed. The place does not exist, and neither do its streets, houses and people.
"""

SEED = 20250903
X_ORIGIN, Y_ORIGIN, SIZE = 112_000.0, 460_000.0, 1000.0  # RD New [m]: a spot in the Green Heart
EXTENT = (X_ORIGIN, Y_ORIGIN, X_ORIGIN + SIZE, Y_ORIGIN + SIZE)
