"""What a flood does to buildings, roads and people."""
