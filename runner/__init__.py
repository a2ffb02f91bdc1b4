"""runner: prompts, pictures, voices and whole batches of them, as files in the repository."""

__version__ = "0.1.0"
