"""Holds a spec against the rows of its files: Spec and rows in, findings out."""
