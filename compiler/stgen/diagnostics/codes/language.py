"""STG020 to STG039: keys, types and values of the language."""

from __future__ import annotations

from stgen.diagnostics.codes.row import Code

# fmt: off
CODES: tuple[Code, ...] = (
    Code("STG020", "unknown key",
         "An unknown key would be ignored: the run would take hours and do something else than the spec seems to say.",
         "train = { lr = 2e-5 }",
         "Write the key that the finding suggests, or remove it."),
    Code("STG021", "wrong type",
         "The value has another type than the key takes, most often a number in quotes or one value where a list belongs. stgen converts nothing on its own.",
         'train = { epochs = "3" }',
         "Write the line that the finding shows."),
    Code("STG022", "missing key",
         "The key is required: there is no default that would be right for everybody.",
         'stgen = 1\n[[data]]\ntrain = "train.jsonl"\ncolumns = { anchor = "q", positive = "a" }',
         "Add the key."),
    Code("STG023", "not one of the allowed values",
         "The key takes one of a fixed set of words.",
         'train = { scheduler = "cosin" }',
         "Write one of the words that the finding lists."),
    Code("STG024", "out of range",
         "The number is outside the valid range.",
         "train = { epochs = 0 }",
         "Write a number within the range that the finding states."),
    Code("STG025", "unknown version of the language",
         "A spec of another version may mean something else by the same keys.",
         'stgen = 2\nmodel = { type = "dense", base = "b" }\ndata = [{ train = "t.jsonl", columns = { anchor = "q", positive = "a" } }]',
         "Write stgen = 1, or install the stgen that the spec was written for."),
    Code("STG026", "empty list",
         "An empty list would switch off what the key is for.",
         "stgen = 1\ndata = []\nmodel = { type = \"dense\", base = \"b\" }",
         "Write at least one element, or leave the key out."),
    Code("STG027", "not implemented yet",
         "The key is reserved, so that specs stay valid once it is implemented; this version doesn't implement it, and ignoring it would train something else.",
         'hardware = { gpus = 2, strategy = "zero2" }',
         "Do what the finding suggests meanwhile."),
    Code("STG028", "unknown code in allow",
         "`allow` names a finding that doesn't exist, so it allows nothing.",
         'allow = ["STG999"]',
         "Copy the code from the finding that you accept."),
    Code("STG029", "an error in allow",
         "An error is certain to go wrong. Only warnings and notes can be accepted.",
         'allow = ["STG020"]',
         "Correct the error, and remove its code."),
    Code("STG030", "invalid value",
         "The value breaks a rule of the language that has no explanation of its own. Please report it: it should have one.",
         "No known spec produces it.",
         "Read what the finding says."),
)
# fmt: on
