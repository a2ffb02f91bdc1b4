"""Recipes below `tests/` are what tests work on: they are no tests themselves."""

collect_ignore_glob = ["*.recipe.yaml", "*.recipe.yml"]
