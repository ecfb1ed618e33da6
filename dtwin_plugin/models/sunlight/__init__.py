"""Where the sun stands, what it reaches, and for how long."""
