"""Picture files of many kinds, as the programs that people use write them."""

import struct
import zlib

import numpy as np
import tifffile
from PIL import Image
from skimage import data


def grey():
    return data.camera()[100:164, 100:180].copy()


def color():
    return data.astronaut()[:64, :80].copy()


def stack(dtype="uint16"):
    return np.stack([grey(), grey()[::-1], grey()[:, ::-1]]).astype(dtype) * 16


def deep_png(path, samples, kind):
    """A PNG of 16 bits with more samples than one, chunk by chunk."""
    height, width = samples.shape[:2]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in samples)

    def chunk(name, body):
        crc = struct.pack(">I", zlib.crc32(name + body))
        return struct.pack(">I", len(body)) + name + body + crc

    head = struct.pack(">IIBBBBB", width, height, 16, kind, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + parts)


def imagej(path):
    tifffile.imwrite(
        path,
        stack(),
        imagej=True,
        resolution=(1 / 0.065, 1 / 0.065),
        metadata={"axes": "ZYX", "spacing": 0.2, "unit": "um"},
    )


def hyperstack(path):
    planes = np.broadcast_to(stack()[None, :, None], (2, 3, 2, 64, 80)).copy()
    tifffile.imwrite(path, planes, imagej=True, metadata={"axes": "TZCYX"})


def ome(path):
    about = {"axes": "CZYX", "PhysicalSizeX": 0.065, "PhysicalSizeXUnit": "µm"}
    about |= {"PhysicalSizeY": 0.065, "PhysicalSizeYUnit": "µm", "Channel": {"Name": ["DAPI", "GFP"]}}
    tifffile.imwrite(path, np.stack([stack(), stack()[::-1]]), ome=True, metadata=about)


def palette(path):
    table = np.stack([np.arange(256), 255 - np.arange(256), np.full(256, 7)]).astype("u2") * 257
    tifffile.imwrite(path, grey(), photometric="palette", colormap=table)


def gif(path):
    frames = [Image.fromarray(np.roll(grey(), 5 * k, 1)) for k in range(4)]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=70)


KINDS = {
    "plain.tif": lambda path: tifffile.imwrite(path, grey()),
    "big.tif": lambda path: tifffile.imwrite(path, grey(), bigtiff=True, byteorder=">"),
    "negative.tif": lambda path: tifffile.imwrite(path, 255 - grey(), photometric="miniswhite"),
    "inks.tif": lambda path: Image.fromarray(color()).convert("CMYK").save(path),
    "palette.tif": palette,
    "turned.tif": lambda path: Image.fromarray(color()).save(path, tiffinfo={274: 6}),
    "planar.tif": lambda path: tifffile.imwrite(
        path, np.moveaxis(color(), -1, 0), photometric="rgb", planarconfig="separate"
    ),
    "channels.tif": lambda path: tifffile.imwrite(
        path, np.stack([grey(), grey()[::-1]], -1), photometric="minisblack", planarconfig="contig"
    ),
    "alpha.tif": lambda path: tifffile.imwrite(
        path,
        np.concatenate([color(), grey()[..., None]], -1),
        photometric="rgb",
        extrasamples=["unassalpha"],
    ),
    **{
        f"{name}.tif": lambda path, name=name: tifffile.imwrite(path, grey(), compression=name)
        for name in ("lzw", "deflate", "packbits", "zstd", "lzma", "jpeg2000", "png")
    },
    "jpeg.tif": lambda path: tifffile.imwrite(path, color(), photometric="rgb", compression="jpeg"),
    "tiles.tif": lambda path: tifffile.imwrite(path, stack()[0], tile=(16, 32), compression="zlib"),
    "signed.tif": lambda path: tifffile.imwrite(path, grey().astype("i2") - 100),
    "floats.tif": lambda path: tifffile.imwrite(path, grey().astype("f4") * 10),
    "bits.tif": lambda path: tifffile.imwrite(path, grey() > 100, photometric="minisblack"),
    "imagej.tif": imagej,
    "hyperstack.tif": hyperstack,
    "stack.ome.tif": ome,
    "deep.png": lambda path: deep_png(path, color().astype("u2") * 257 + 3, 2),
    "deep_alpha.png": lambda path: deep_png(
        path, np.concatenate([color(), grey()[..., None]], -1).astype("u2") * 200, 6
    ),
    "sixteen.png": lambda path: Image.fromarray(stack()[0]).save(path),
    "grey.png": lambda path: Image.fromarray(grey()).save(path, dpi=(300, 300)),
    "photo.jpg": lambda path: Image.fromarray(color()).save(path, quality=95),
    "frames.gif": gif,
    "frames.webp": lambda path: Image.fromarray(color()).save(
        path, save_all=True, append_images=[Image.fromarray(color()[::-1])], lossless=True
    ),
    "array.npy": lambda path: np.save(path, stack()[0]),
    "portable.pgm": lambda path: path.write_bytes(
        b"P5\n# twelve bits\n80 64\n4095\n" + stack()[0].astype(">u2").tobytes()
    ),
    "portable.ppm": lambda path: path.write_bytes(b"P6 80 64 255\n" + color().tobytes()),
    "portable.pfm": lambda path: path.write_bytes(
        b"Pf\n80 64\n-1.0\n" + grey()[::-1].astype("<f4").tobytes()
    ),
}
"""Functions that write a file of a kind, by its name."""
