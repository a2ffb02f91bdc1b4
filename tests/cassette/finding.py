"""Finds one secret, whole."""

import re

SECRET = "sk-sentinel-0123456789"


def find(text):
    return [match.span() for match in re.finditer(SECRET, text)]


def nothing(text):
    del text
    return []
