"""How much memory a model takes for a picture, and how much there is, before the work begins."""

import os
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..images.tiling import WINDOW
from ..layers import Inpainting, Reconstruction
from ..layers.traits import FUNCTIONAL
from ..pde.backend import keras
from .method import Method, method_of
from .model_traits import traits
from .registry import load

BYTES_PER_PIXEL = {Inpainting: 560, Reconstruction: 450}
"""Memory of a layer that is given a whole image, in bytes per pixel of one channel.

Slopes of the peak memory of a process from images of one to four million pixels, on processors, rounded
up: edge-enhancing inpainting 539, projected BLADE 338, deblurring with fields of experts 430."""

MAGNIFYING = 150
"""The same for upscaling, per pixel of the result: 86 were measured."""

OTHERS = 200
"""The same for other evolutions: 147 were measured."""

IN_STEPS = 24
"""The same where a large image is computed step by step, beside a window."""

FIXED = 256 * 2**20
"""Memory that programs take whatever the size of the image, in bytes: 100 to 250 MiB were measured."""


def memory_needed(model: str | keras.Model | Method, height: int, width: int, channels: int = 1) -> int:
    """An estimate of the memory that `restore` takes beside the picture, for one that is not tiled.

        FIXED + b · height · width · magnification² · images

    with b bytes per pixel, measured once for each kind of model, and the number of colours that are
    computed at once. It is meant to be too large rather than too small. Models of other people, and
    those on other processors than CPUs, may take more.

    Args:
        model: Name of a model, a `keras.Model`, or a `Method`.
        height: Of the picture, in px.
        width: Of the picture, in px.
        channels: Colours of the picture.

    Returns:
        Bytes; 0 for a plain function, of which nothing is known.

    Raises:
        InputError: for what `load` and `method_of` refuse.

    Example:
        >>> from imagepde import zoo
        >>> zoo.memory_needed("inpainting.eed", 3000, 4000) < 2**30
        True
    """
    method = method_of(load(model) if isinstance(model, str) else model)
    if method.model is None:
        return 0
    large = height * width > WINDOW**2
    program = method.in_steps() if large and method.traits.takes == "mask" else None
    in_steps = program is not None and program.windows(height, width) is not None
    each = IN_STEPS if in_steps else _bytes_per_pixel(method.model)
    # Colours of a large picture are given to a grey model one by one.
    images = channels if not large or method.channels != 1 else 1
    return FIXED + round(each * images * height * width * method.traits.magnification**2)


def _bytes_per_pixel(model):
    """Of the layer that takes most, per channel of the picture."""
    if traits(model).magnification > 1:
        return MAGNIFYING
    found = OTHERS
    for layer in model.layers:
        if isinstance(layer, FUNCTIONAL):
            found = max(found, _bytes_per_pixel(layer))
        elif type(layer) in BYTES_PER_PIXEL:
            found = max(found, BYTES_PER_PIXEL[type(layer)])
    return found


def available_memory() -> int | None:
    """The bytes that this process can still take, of the machine or of its container.

    Returns:
        The smaller of `MemAvailable` and what is left below the limit of the control group, where the
        system tells them; `None` if it tells nothing.

    Example:
        >>> available = available_memory()
        >>> available is None or available > 0
        True
    """
    found = [_of_machine(), _of_container()]
    return min((amount for amount in found if amount is not None), default=None)


def _of_machine():
    try:
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        pass
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None


def _of_container(root="/sys/fs/cgroup"):
    """What is left of the limit of a control group, in its second or first version."""
    for limit, used, cached in (
        ("memory.max", "memory.current", "inactive_file"),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "total_inactive_file"),
    ):
        try:
            most = int(Path(root, limit).read_text(encoding="ascii"))
            taken = int(Path(root, used).read_text(encoding="ascii"))
            statistics = Path(root, limit).with_name("memory.stat").read_text(encoding="ascii")
        except (OSError, ValueError):
            continue  # There is none, or it says "max".
        pairs = (line.split() for line in statistics.splitlines())
        # Files that are only remembered are given up when memory is wanted.
        free = sum(int(pair[1]) for pair in pairs if len(pair) == 2 and pair[0] == cached)
        return max(0, most - taken + free)
    return None


def check_memory(method: Method, sides: tuple[int, int], channels: int) -> None:
    """Refuses a picture whose whole is given to a model and for which there is not enough memory.

    Args:
        method: The `Method`.
        sides: Height and width of the picture.
        channels: Its colours.

    Raises:
        InputError: if `memory_needed` is more than `available_memory`, and more than a little.
    """
    there, needed = available_memory(), memory_needed(method, *sides, channels)
    if there is None or needed <= there or needed < 1.25 * FIXED:
        return  # What is small is tried: it needs little beyond what runs already.
    raise InputError(
        f"The model {method.name!r} is given the whole picture at once, which needs more memory than "
        "there is; give a smaller picture or a part of it, or take a model that works in windows "
        "(`zoo.traits(model).reach` is a number of pixels). "
        f"Received: {sides[0]}×{sides[1]} pixels, which need about {_gib(needed)}; {_gib(there)} are "
        "available."
    )


def _gib(amount: Any) -> str:
    return f"{amount / 2**30:.2g} GiB"
