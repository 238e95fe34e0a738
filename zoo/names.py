"""What the name of a model means, by its form: one of the zoo, a file, or a preset."""

import os

from .hubs import on_a_hub

METADATA = "metadata.json"
"""The file by which a folder is known to hold a model."""


def is_model_file(name: str | os.PathLike[str]) -> bool:
    """Whether a name means a `.keras` file, not a model of the zoo or a preset."""
    return os.fspath(name).endswith(".keras")


def is_preset(name: str) -> bool:
    """Whether a name means a preset: one on a hub, or a path; no model of the zoo has a `/` in it.

    Example:
        >>> is_preset("models/mine"), is_preset("hf://someone/trd"), is_preset("trd.gauss25")
        (True, True, False)
    """
    if is_model_file(name):
        return False
    is_path = "/" in name or os.sep in name
    return is_path or on_a_hub(name) or os.path.exists(os.path.join(name, METADATA))
