"""What the types of the language can't say: keys that exclude or need each other. Spec in, findings out."""
