"""The matrix: a repo for every row of the rules tables, each compiled and trained."""
