"""Writing: outputs, their provenance, and reports; whole or not at all."""
