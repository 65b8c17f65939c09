"""STG300 to STG329: writing the generated repo."""

from __future__ import annotations

from stgen.codes.row import Code

# fmt: off
CODES: tuple[Code, ...] = (
    Code("STG300", "a file that was changed by hand",
         "Somebody has edited a file that stgen wrote. Writing it again would lose that work, so nothing is written at all.",
         "Edit train.py in a generated repo, change the spec, and compile.",
         "Move the change into the spec; or delete the file to give the change up; then compile again."),
    Code("STG301", "a file that isn't stgen's",
         "A file that stgen would write is there already, with other content and no entry in the lock: it is somebody's work.",
         "Put a train.py of your own into an empty folder, and compile into it.",
         "Compile into another folder, or move the file away."),
    Code("STG302", "something in the way",
         "A file stands where a folder must be, or a folder where a file must be.",
         "Make a folder called train.py, and compile.",
         "Move it away, or compile into another folder."),
    Code("STG303", "a symbolic link in the way",
         "Writing through a link would change a file outside the repo.",
         "Make README.md a link to a file elsewhere, and compile.",
         "Replace the link by what it points to, or compile into another folder."),
    Code("STG304", "the disk refuses",
         "A file can't be read or written: no permission, no space, or a read-only file system.",
         "Compile into a folder that you may not write to.",
         "Solve what the finding names, and run the same command again: it goes on where it stopped."),
    Code("STG305", "a lock that can't be read",
         "The lock says which files are stgen's; without it stgen can't tell its own files from yours.",
         "Write something else into .stgen/manifest.json, and compile.",
         "Restore it from version control, or delete it: files that haven't changed are taken over."),
    Code("STG306", "a lock of a newer stgen",
         "An older stgen would undo what a newer one wrote.",
         "Raise the number after \"lock\" in .stgen/manifest.json, and compile.",
         "Upgrade stgen."),
    Code("STG320", "ruff is missing or fails",
         "Generated Python is formatted by ruff, so that the same spec gives the same bytes everywhere.",
         "Uninstall ruff, and compile.",
         "Install it again: pip install --upgrade ruff."),
    Code("STG321", "two specs for one folder",
         "The second repo would overwrite the first.",
         "stgen compile a.toml b.toml -o repo",
         "Compile them one by one, each into its own folder."),
    Code("STG322", "a repo that isn't what its spec compiles to",
         "Somebody changed the spec, a generated file or stgen, and didn't compile: what is trained isn't what the spec says.",
         "Change a value of the spec, and run `stgen check --format github` before `stgen compile`.",
         "stgen compile; and move changes made by hand into the spec."),
)
# fmt: on
