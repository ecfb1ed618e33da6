"""Models of the subsurface: what is there, what fits beside it, and how it works through above."""
