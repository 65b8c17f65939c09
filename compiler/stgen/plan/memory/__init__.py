"""How much memory a training step takes: the shape of a model, and what of it is alive at the peak -> bytes by part."""
