"""Decides everything: Match in, Plan out. The records are in `plan` and `planned_*`."""
