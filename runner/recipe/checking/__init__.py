"""Checking: whether a tree has the shape of a schema, quickly, and in words where it has not."""
