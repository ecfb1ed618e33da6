"""What is kept of the water while it flows."""
