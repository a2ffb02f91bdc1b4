"""Working: performs, saves, repeats; the only floor that touches the world for a recipe."""
