"""Tools: the Python functions that models may call, and the calling."""
