"""Functions: Python signatures as the schemas of tools, and arguments as Python values."""
