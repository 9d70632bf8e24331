"""Faults at random under a steady load, and a model of what must be there whatever happened."""
