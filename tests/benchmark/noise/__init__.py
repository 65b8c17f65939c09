"""Noisy sets that are made by a seed: real texts with faults, and a key that says what each row is."""
