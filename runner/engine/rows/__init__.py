"""Rows: one recipe over a dataset, a journal of what came of each row, lines gathered in order."""
