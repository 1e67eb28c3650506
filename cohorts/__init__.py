"""Infarct synthesis, plans, generation, the on-disk store."""
