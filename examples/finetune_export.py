"""Fine-tunes an exported SavedModel on a folder of your own pictures, without imagepde.

imagepde export foe_s.gauss25 --to saved_model denoiser
python examples/finetune_export.py denoiser FOLDER tuned
"""

import sys
from pathlib import Path

import numpy as np
import tensorflow as tf
from PIL import Image

source, folder, output = map(Path, sys.argv[1:4])
steps = int(sys.argv[4]) if len(sys.argv) > 4 else 500
patch, sigma = 64, 25 / 255
if not (source / "saved_model.pb").is_file():
    sys.exit(f"{source} is no SavedModel.")
if output.exists() or not output.parent.is_dir():
    sys.exit(f"{output} must be new, in a folder that exists.")
files = sorted(f for f in folder.rglob("*") if f.suffix.lower() in (".png", ".jpg", ".jpeg"))
model = tf.saved_model.load(str(source))
(spec,) = model.signatures["serving_default"].structured_input_signature[1].values()
channels = spec.shape[-1]
if channels not in (1, 3):
    sys.exit(f"{source} takes {channels} channels; this example is for grey or colour pictures.")
pictures = [Image.open(f).convert("L" if channels == 1 else "RGB") for f in files]
pictures = [np.asarray(p, "float32") / 255 for p in pictures]
pictures = [p.reshape(*p.shape[:2], channels) for p in pictures if min(p.shape[:2]) >= patch]
held_back, others = pictures[::10], [p for k, p in enumerate(pictures) if k % 10]
if not others:
    sys.exit(f"{folder} must hold two PNG or JPEG pictures or more, at least {patch}×{patch} pixels.")


def pairs(pictures, number, rng):
    """Pieces of pictures, and the same with noise."""
    clean = []
    for picture in (pictures[k] for k in rng.integers(len(pictures), size=number)):
        top, left = (rng.integers(side - patch + 1) for side in picture.shape[:2])
        clean.append(picture[top : top + patch, left : left + patch])
    return np.stack(clean), (clean + rng.normal(0, sigma, np.shape(clean))).astype("float32")


def psnr():
    """Mean of 32 pieces of the pictures held back, the same every time."""
    clean, noisy = pairs(held_back, 32, np.random.default_rng(1))
    return tf.reduce_mean(tf.image.psnr(model.serve(noisy), clean, 1.0)).numpy()


print(f"before: {psnr():.2f} dB")
rng, optimizer = np.random.default_rng(0), tf.keras.optimizers.Adam(1e-3)
for _ in range(steps):
    clean, noisy = pairs(others, 8, rng)
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((model.serve(noisy) - clean) ** 2)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
print(f"after: {psnr():.2f} dB")
tf.saved_model.save(model, str(output), signatures=dict(model.signatures))
