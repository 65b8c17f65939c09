"""STG403 to STG409: the profile, which says what the data are like."""

from __future__ import annotations

from stgen.diagnostics.codes.row import Code

# fmt: off
CODES: tuple[Code, ...] = (
    Code("STG403", "unreadable profile",
         "The profile beside the spec decides batch, epochs and more. A file that was cut off, merged with conflict markers in it or written by hand could decide anything.",
         "stgen.profile.json with `<<<<<<< HEAD` in it.",
         "Write it anew with `stgen profile`, or delete it: without one stgen decides as if it knew nothing of the data."),
    Code("STG404", "a profile of other data sets",
         "The profile names other data sets than the spec, so nothing in it says what these rows are like. It is not used.",
         "A second [[data]] in the spec, and a profile that was counted when there was one.",
         "Run `stgen profile`.", "warning"),
    Code("STG405", "a stale profile",
         "The files aren't those that were counted: epochs, batch and evaluation were decided for other rows.",
         "1,000 rows were counted, and train.jsonl has 18,204 by now.",
         "Run `stgen profile`, and compile again.", "warning"),
    Code("STG406", "a profile of other columns",
         "A column has another role than the one for which it was counted, so lengths, labels and repeats are not those of what is trained on. The profile of this data set is not used.",
         "columns = { anchor = \"title\" } where the profile counted `question` as the anchor.",
         "Run `stgen profile`.", "warning"),
    Code("STG407", "a run of few steps",
         "Below about a hundred optimizer steps the learning rate has hardly warmed up before it decays, and the model stays close to where it began.",
         "1,201 rows in batches of 128: 9 steps.",
         "Train longer or in smaller batches: more epochs, or a smaller batch_size, under [train].", "warning"),
)
# fmt: on
