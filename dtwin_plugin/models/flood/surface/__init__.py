"""What each place does to the rain: leaves and puddles, soil, share to the sewer."""
