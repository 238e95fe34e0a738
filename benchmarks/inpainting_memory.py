"""Peak memory of inpainting a large picture, in a process of its own.

python benchmarks/inpainting_memory.py MODEL HEIGHT WIDTH CHANNELS [STEPS]

Memory does not depend on the number of steps; fewer than those of the model save time.
"""

import resource
import sys
import time

import numpy as np
from imagepde.zoo import public as zoo  # Keras is to be counted beforehand, not with the picture.


def peak():
    """Of this process so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(name, height, width, channels, steps=None):
    before, shape = peak(), (int(height), int(width), int(channels))
    picture = np.empty(shape, np.uint8)
    picture[...] = np.arange(shape[1], dtype=np.uint8)[:, None]
    known = np.zeros(shape[:2], bool)
    known[::3, ::3] = True
    model = zoo.load(name, **({} if steps is None else {"steps": int(steps)}))
    begun = time.perf_counter()
    zoo.restore(picture[..., 0] if shape[2] == 1 else picture, model, mask=known)
    seconds, after = time.perf_counter() - begun, peak()
    per_pixel = (after - before) * 2**20 / (shape[0] * shape[1])
    print(f"{name}, {shape}: {before:.0f} MiB before, {after:.0f} MiB at the peak, ", end="")
    print(f"{per_pixel:.0f} bytes per pixel, {seconds:.1f} s")


if __name__ == "__main__":
    main(*sys.argv[1:])
