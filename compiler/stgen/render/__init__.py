"""From a Plan to a Tree: templates, quoting by target language, one run of the formatter."""
