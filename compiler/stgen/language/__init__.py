"""The spec language: Source in, Spec out, or what is wrong and what to write instead."""
