"""Noise of road traffic and installations by the European method (CNOSSOS-EU)."""
