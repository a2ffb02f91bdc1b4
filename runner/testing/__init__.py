"""Testing: recipes as pytest sees them."""
