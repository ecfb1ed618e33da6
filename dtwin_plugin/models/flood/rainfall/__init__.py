"""Rain: events, series and rasters through time."""
