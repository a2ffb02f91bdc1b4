"""Carrying: who takes a request to a service and brings the reply."""
