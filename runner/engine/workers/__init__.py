"""Workers: the same work by threads, processes, or the machines of a cluster."""
