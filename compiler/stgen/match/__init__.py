"""Finds the loss for the data, and the way to it: Spec in, Match out."""
