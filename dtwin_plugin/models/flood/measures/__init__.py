"""What helps against a flood, and how much."""
