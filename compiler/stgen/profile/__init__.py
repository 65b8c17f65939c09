"""What is known of the data: counts, lengths and repeats, as `stgen profile` wrote them beside the spec. No text is in it."""
