"""Protections: each is taken out of a copy of the project once, and its test must then fail."""
