"""Which fragments a generated file is made of: a plan in, a program out, which names templates and holds expressions. Text stands in templates alone."""
