"""Runs as archive packages: BagIt with MDTO, how long they are kept, and how they are destroyed by decision."""
