"""New projects: answers in, a folder with a spec, sample data and CI out."""
