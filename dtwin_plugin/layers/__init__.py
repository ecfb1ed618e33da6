"""Carriers to QGIS layers and back: files, styles, elevation and temporal properties, metadata."""
