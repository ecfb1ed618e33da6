"""Live data that are kept: their history in a GeoPackage, and when a source is asked again."""
