"""The seed of all that chance decides: the split, the order of rows, what starts at random, what is drawn to be measured."""

SEED = 42
