"""Sewers: districts with storage and pump, and networks that are calculated along."""
