"""Reading: what recipes name, from the disk or from an address, and only where it may be."""
