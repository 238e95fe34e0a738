"""Records of what was measured, in words: nothing reads these words again."""

from collections.abc import Mapping
from typing import Any

from .task import from_dict


def data_words(data: Mapping[str, Any]) -> str:
    """Which pictures, and how they were prepared.

    Args:
        data: The `data` of a result: a `name`, and where it applies `first` (so many pictures from the
            start), `color`, `scale` and `crop`.

    Returns:
        A few words, a string.

    Example:
        >>> data_words({"name": "set12", "first": 7, "scale": 0.5, "crop": 96})
        'set12[:7], scale 0.5, centre 96²'
    """
    words = data["name"]
    if "first" in data:
        words += f"[:{data['first']}]"
    if data.get("color"):
        words += ", in colour"
    if "scale" in data:
        words += f", scale {data['scale']:g}"
    if "crop" in data:
        words += f", centre {data['crop']}²"
    return words


def task_words(task: Mapping[str, Any]) -> str:
    """What was done to the pictures.

    Args:
        task: The `task` of a result, see `from_dict`.

    Returns:
        A few words, a string.

    Example:
        >>> task_words({"kind": "gaussian_noise", "sigma": 25})
        'Gaussian noise σ=25/255'
    """
    return str(from_dict(dict(task)))
