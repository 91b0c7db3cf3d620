"""Delivers cards, fires what is due, watches that both happen."""
