"""What every room may use: records, expressions of generated code, the quoting of each target language."""
