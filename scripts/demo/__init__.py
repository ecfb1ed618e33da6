"""The questions of `make demo`, a shell file each, and what is told when they are answered."""
