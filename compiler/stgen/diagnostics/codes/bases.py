"""STG465: folders of models on this machine."""

from __future__ import annotations

from stgen.diagnostics.codes.row import Code

# fmt: off
CODES: tuple[Code, ...] = (
    Code("STG465", "no model in the folder that is named",
         "A name that begins with ./, ../ or / is a folder into which a model was saved. Where there is none, preparation and training stop as soon as they load it.",
         'model = { type = "dense", base = "./models/mine" }, and no such folder',
         "Write the path of the folder that holds config.json or modules.json, from the spec's folder; a model on the hub is ORG/NAME."),
)
# fmt: on
