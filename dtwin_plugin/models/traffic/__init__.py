"""Traffic: networks, demand, assignment and reachability."""
