"""How a model runs where nothing is learned: in the precision of the hardware, with batches that keep nothing for gradients."""

# A CPU is busy with 32 texts, and a larger batch is padded to a longer text.
BATCH = 32
PRECISION = "fp32"  # what a model computes in here
