"""Importer: a curl command becomes a recipe that makes the same request."""
