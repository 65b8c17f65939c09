"""stgen compiles a short declarative spec into a training repo for embedding models."""

__version__ = "0.1.0"
