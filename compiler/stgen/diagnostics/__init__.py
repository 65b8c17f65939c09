"""One shape for findings: what is wrong, where, and what to write instead; the codes, and how findings are shown."""
