"""Edge-enhancing diffusion against plain C, DIPlib and OpenCV: time, error, bytes moved."""

import ctypes
import importlib.util
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import tensorflow as tf
from imagepde import zoo
from imagepde.pde import gaussian_kernel, stable_anisotropic_time_step
from skimage import data
from skimage.transform import resize
from timing import median_seconds, table

STEPS, CONTRAST, SIGMA, ALPHA, GAMMA = 10, 0.03, 1.0, 0.4, 1.0
SIZES = (512, 1024, 2048)
TIME_STEP = stable_anisotropic_time_step(1, 1, ALPHA, GAMMA)


def photograph(size):
    """The cameraman with noise, enlarged."""
    picture = resize(data.camera() / 255, (size, size), order=3)
    noise = np.random.default_rng(0).standard_normal((size, size))
    return (picture + 0.05 * noise).astype("float32")


def reference(image):
    """The same scheme in float64 with NumPy, in no hurry."""
    u = image.astype("float64")
    kernel = gaussian_kernel(SIGMA)
    radius = len(kernel) // 2
    for _ in range(STEPS):
        wide = np.pad(u, radius + 1, mode="symmetric")
        for axis in (0, 1):
            windows = np.lib.stride_tricks.sliding_window_view(wide, len(kernel), axis=axis)
            wide = windows @ kernel
        p, q, r, s = wide[:-1, :-1], wide[:-1, 1:], wide[1:, :-1], wide[1:, 1:]
        x, y = (q - p + s - r) / 2, (r - p + s - q) / 2
        square = x * x + y * y
        ratio = np.clip(square / CONTRAST**2, 1e-2, 1e2)
        share = -np.exp(-3.31488 / ratio**4) / (square + 1e-30)
        a, b, c = 1 + share * x * x, share * x * y, 1 + share * y * y
        b[[0, -1]] = b[:, [0, -1]] = 0
        v = np.pad(u, 1, mode="symmetric")
        p, q, r, s = v[:-1, :-1], v[:-1, 1:], v[1:, :-1], v[1:, 1:]
        ux, uy = (q - p + s - r) / 2, (r - p + s - q) / 2
        twist = (1 - 2 * ALPHA) / 4 * (a + c - 2 * GAMMA * abs(b)) * (s + p - q - r)
        fx, fy = (a * ux + b * uy) / 2, (b * ux + c * uy) / 2
        rate = (fx + fy - twist)[1:, 1:] + (twist - fx + fy)[1:, :-1]
        rate += (twist + fx - fy)[:-1, 1:] - (fx + fy + twist)[:-1, :-1]
        u = u + TIME_STEP * rate
    return u


def compiled(folder):
    """The plain C beside this file as a function, `None` without a compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        return None
    library = Path(folder, "eed.so")
    source = Path(__file__).with_name("eed.c")
    subprocess.run([compiler, "-O2", "-shared", "-fPIC", source, "-o", library, "-lm"], check=True)
    function = ctypes.CDLL(str(library)).eed
    kernel = gaussian_kernel(SIGMA).astype("float32")
    pointer = ctypes.POINTER(ctypes.c_float)
    real = ctypes.c_float

    def apply(image):
        u = image.copy()
        function(
            u.ctypes.data_as(pointer),
            *u.shape,
            STEPS,
            real(CONTRAST),
            kernel.ctypes.data_as(pointer),
            len(kernel) // 2,
            real(ALPHA),
            real(GAMMA),
            real(TIME_STEP),
        )
        return u

    return apply


def ours(form, jit):
    """The model of the zoo as a function of an array."""
    model = zoo.create(
        "eed", contrast=CONTRAST, sigma=SIGMA, steps=STEPS, alpha=ALPHA, gamma=GAMMA, form=form
    )
    run = tf.function(lambda u: model(u), jit_compile=jit)
    return lambda image: run(tf.constant(image[None, ..., None])).numpy()[0, ..., 0]


def copy_bandwidth():
    """Bytes a second, read and written, that TensorFlow moves with all cores in a large copy."""
    source = tf.random.uniform((64 << 20,))
    copy = tf.function(lambda x: x + 1.0, jit_compile=True)
    seconds = median_seconds(lambda: copy(source))
    return 2 * source.shape[0] * 4 / seconds


def bytes_of_a_step(run, image):
    """Bytes that the kernels of one compiled step read and write, from XLA's own program."""
    tensor = tf.constant(image[None, ..., None])
    program = run.experimental_get_compiler_ir(tensor)(stage="optimized_hlo")
    (body,) = set(re.findall(r"while\(.*body=(%[^\s,]+)", program))
    lines = program.split(f"\n{body} (")[1].split("\n}")[0].splitlines()[1:]
    sizes, moved = {}, 0
    for line in lines:
        match = re.match(r"\s*(?:ROOT )?(%\S+) = f32\[([\d,]*)\]\S* ([\w-]+)\(([^)]*)\)", line)
        if match is None:
            continue
        name, shape, kind, operands = match.groups()
        sizes[name] = 4 * int(np.prod([int(n) for n in shape.split(",") if n]))
        if kind in ("fusion", "copy", "call"):
            moved += sizes[name] + sum(sizes.get(o.split()[-1], 0) for o in operands.split(","))
    return moved


def others(image):
    """What else does such things, where it is installed: pairs (theirs, ours) of functions."""
    pairs = {}
    if importlib.util.find_spec("diplib"):
        import diplib

        picture = diplib.Image(image)
        ced = zoo.create("ced", steps=STEPS, sigma=1.0, rho=3.0)
        pairs["coherence-enhancing diffusion, DIPlib"] = (
            lambda: np.asarray(
                diplib.CoherenceEnhancingDiffusion(
                    picture, derivativeSigma=1.0, regularizationSigma=3.0, iterations=STEPS
                )
            ),
            as_call(ced, image),
        )
    if importlib.util.find_spec("cv2"):
        import cv2

        if hasattr(cv2, "ximgproc"):
            colours = np.rint(np.clip(np.stack([image] * 3, -1), 0, 1) * 255).astype("uint8")
            form = {"form": "perona_malik_exponential", "contrast": CONTRAST, "steps": STEPS}
            pairs["Perona–Malik diffusion, three colours, OpenCV"] = (
                lambda: cv2.ximgproc.anisotropicDiffusion(colours, 0.2, CONTRAST, STEPS),
                as_call(
                    zoo.create("perona_malik", channels=3, time_step=0.2, **form),
                    (colours / 255).astype("float32"),
                ),
            )
    return pairs


def as_call(model, image):
    """The compiled model on this picture, from NumPy to NumPy."""
    run = tf.function(lambda u: model(u), jit_compile=True)
    batch = image.reshape((1, *image.shape[:2], -1))
    return lambda: run(tf.constant(batch)).numpy()


def main():
    """Three tables."""
    rows, baseline = [], {}
    with tempfile.TemporaryDirectory() as folder:
        forms = {
            "plain C, one thread": compiled(folder),
            "ours, XLA": ours("stencil", True),
            "ours, graph": ours("stencil", False),
            "ours, ResNet form, XLA": ours("resnet", True),
            "ours, ResNet form, graph": ours("resnet", False),
        }
        for size in SIZES:
            image = photograph(size)
            exact = reference(image)
            for name, apply in forms.items():
                if apply is None:
                    continue
                error = abs(apply(image) - exact).max()
                seconds = median_seconds(lambda f=apply, u=image: f(u), repeats=3)
                baseline.setdefault(size, seconds)
                speed = f"{baseline[size] / seconds:.2f}"
                rows.append([f"{size}²", name, f"{seconds * 1e3:.0f} ms", speed, f"{error:.1e}"])
                if name == "ours, XLA":
                    fastest = seconds
    print("## Ten steps of edge-enhancing diffusion\n")
    print(
        "Whole calls, from a NumPy array to a NumPy array. Speed is relative to the first line of a "
        "size; the error is the largest difference from the same scheme in float64 with NumPy.\n"
    )
    print(table(["image", "computed by", "time", "speed", "error"], rows))
    _print_bytes(image, fastest)
    _print_others()


def _print_bytes(image, seconds):
    model = zoo.create("eed", contrast=CONTRAST, sigma=SIGMA, steps=STEPS)
    moved = bytes_of_a_step(tf.function(lambda u: model(u), jit_compile=True), image)
    copied, needed = copy_bandwidth(), 2 * image.nbytes
    print("### Bytes\n")
    print(
        f"At {SIZES[-1]}², the kernels of one compiled step read and write {moved / 1e6:.0f} MB, "
        f"{moved / image.size:.0f} bytes a pixel: {moved * STEPS / seconds / 1e9:.1f} GB/s, where a "
        f"large copy reaches {copied / 1e9:.1f} GB/s. A step that read the image once and wrote it "
        f"once would move {needed / image.size:.0f} bytes a pixel.\n"
    )


def _print_others():
    image = photograph(1024)
    rows = []
    for name, (theirs, own) in others(image).items():
        seconds = [median_seconds(theirs, repeats=1), median_seconds(own, repeats=3)]
        rows.append([name, *(f"{s * 1e3:.0f} ms" for s in seconds), f"{seconds[0] / seconds[1]:.0f}"])
    print("### Other libraries, ten steps at 1024²\n")
    if rows:
        print(table(["what", "theirs", "ours, XLA", "speed"], rows))
    else:
        print("None is installed here (`pip install diplib opencv-contrib-python-headless`).\n")


if __name__ == "__main__":
    main()
