"""What is in a data file: a file in, an Inspection out, with roles guessed and the losses that it can feed."""
