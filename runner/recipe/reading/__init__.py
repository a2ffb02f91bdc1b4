"""Reading files: YAML and JSON to trees with marks, mistakes told with their cure."""
