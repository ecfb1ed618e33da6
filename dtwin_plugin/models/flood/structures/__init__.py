"""Culverts, tunnels, weirs, pumps, levees and open water."""
