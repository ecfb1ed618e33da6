"""Demand for trips: how many begin and end in each zone, where they go, by what, and how a matrix fits counts."""
