"""Depressions, what rain leaves in them, and the paths between."""
