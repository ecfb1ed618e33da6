"""Data quality: geometry by the codes of val3dity, heights, dates and coverage."""
