"""Counts the data of a spec: its files and the base's own configuration -> a Profile, and whether one still holds."""
