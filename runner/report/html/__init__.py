"""The HTML report: one file that holds all it needs, and opens no connection."""
