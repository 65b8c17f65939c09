"""Reads data files: one text, through which stgen looks at data and the training repo trains on them."""
