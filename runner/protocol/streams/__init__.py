"""Streams: each module makes one whole reply of a stream's events, or says that it was cut."""
