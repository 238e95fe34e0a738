"""Whatever a picture is: it is restored, or refused in one line. Damaged files too."""

import resource
import struct

import hypothesis.extra.numpy as arrays
import numpy as np
import pytest
from checks.pictures import KINDS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from imagepde import layers, zoo
from imagepde.errors import InputError
from imagepde.images import open_picture
from PIL import Image

SETTINGS = settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
REAL = st.one_of(
    arrays.boolean_dtypes(),
    arrays.integer_dtypes(endianness="?"),
    arrays.unsigned_integer_dtypes(endianness="?"),
    arrays.floating_dtypes(sizes=(16, 32, 64), endianness="?"),
)
OTHERS = st.one_of(
    arrays.complex_number_dtypes(), arrays.datetime64_dtypes(), arrays.byte_string_dtypes()
)


def tried(function):
    """What a function returns, or nothing if it refuses in one line."""
    try:
        return function()
    except InputError as error:
        text = str(error)
    assert text
    assert "\n" not in text
    assert len(text) < 600
    return None


def mirrored(images):
    """A model that is its own inverse."""
    return 1.0 - images


@SETTINGS
@given(st.data())
def test_any_array_is_restored_or_refused(data):
    dtype = data.draw(st.one_of(REAL, REAL, REAL, OTHERS))
    sides = arrays.array_shapes(min_dims=1, max_dims=5, min_side=1, max_side=12)
    shape = data.draw(st.one_of(sides, st.tuples(st.integers(8, 12), st.integers(8, 12))))
    if data.draw(st.booleans()):
        image = data.draw(
            arrays.arrays(dtype, shape, fill=st.nothing() if np.prod(shape) < 9 else None)
        )
    else:
        image = np.zeros(shape, dtype)
    axes = data.draw(
        st.one_of(st.none(), st.permutations("tczyxs").map(lambda a: "".join(a[: len(shape)])))
    )
    traits = layers.Traits(reach=0, mirrors=True)
    nan = data.draw(st.sampled_from(("error", "fill", "keep")))
    options = {"traits": traits, "channels": 1, "axes": axes, "nan": nan}
    found = tried(lambda: zoo.restore(image, mirrored, **options))
    if found is None:
        return
    assert found.shape == image.shape
    assert found.dtype == image.dtype.newbyteorder("=")
    if found.dtype.kind == "f" and nan != "keep" and found.dtype.itemsize > 2:
        assert np.isfinite(found).all()


DAMAGED = [
    *("plain.tif", "lzw.tif", "tiles.tif", "imagej.tif", "stack.ome.tif", "inks.tif", "palette.tif"),
    *("deep.png", "grey.png", "photo.jpg", "frames.gif", "frames.webp", "array.npy"),
    *("portable.pgm", "portable.ppm", "portable.pfm"),
]


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_files_are_pictures_or_one_line(name, tmp_path, every_model):
    path = tmp_path / name
    KINDS[name](path)
    whole, rng = path.read_bytes(), np.random.default_rng(0)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for k in range(1000 if every_model else 60):
        content = bytearray(whole)
        if k % 3 == 0:
            content = content[: rng.integers(len(content))]
        elif k % 3 == 1:
            # The first bytes say what a file is, and how large.
            area = len(content) if k % 2 else min(200, len(content))
            for at in rng.integers(area, size=rng.integers(1, 6)):
                content[at] = rng.integers(256)
        else:
            at = rng.integers(len(content))
            content[at:at] = rng.bytes(rng.integers(1, 200))
        path.write_bytes(content)
        picture = tried(lambda: open_picture(path, max_pixels=10**6))
        assert picture is None or picture.values.size
    # In KiB. What a file declares is not made room for before it is checked.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 500_000


def test_a_frame_of_a_gif_cannot_grow(tmp_path):
    path = tmp_path / "frames.gif"
    KINDS["frames.gif"](path)
    content = path.read_bytes()
    with Image.open(path) as image:
        own = b"," + struct.pack("<HHHH", 0, 0, *image.size)
        slightly = struct.pack("<HHHH", 0, 0, image.width + 1, image.height)
    second = content.index(own, content.index(own) + 1)
    for larger in (struct.pack("<HHHH", 0, 0, 60_000, 60_000), slightly):
        path.write_bytes(content[: second + 1] + larger + content[second + 9 :])
        with pytest.raises(InputError, match="frames have different sizes"):
            open_picture(path)
