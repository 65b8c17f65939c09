"""The commands, one module each: `run(options, console) -> exit code`. Each imports the passes that it needs."""
