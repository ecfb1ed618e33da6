"""Many storms, and how often a place floods."""
