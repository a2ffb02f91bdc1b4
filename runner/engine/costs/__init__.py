"""Costs: what requests may cost, and what they did."""
