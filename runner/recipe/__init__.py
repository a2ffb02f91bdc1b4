"""Reading: text to `Recipe`, dry."""
