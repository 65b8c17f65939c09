"""From Trees and folders to Changes, and from Changes to the disk: all that stgen writes is written here."""
