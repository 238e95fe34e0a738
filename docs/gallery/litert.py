"""The same picture without imagepde

A model is exported to LiteRT for one size. The interpreter, which knows nothing of Keras, computes the
same picture.
"""

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from imagepde import export, images, zoo
from skimage import data

clean = data.camera()[40:232, 120:312].astype("float32") / 255
noisy = clean + np.random.default_rng(0).normal(0, 25 / 255, clean.shape).astype("float32")

model = zoo.load("trd_small.gauss25")
report = export.export(model, "denoiser.tflite", to="litert", size=clean.shape)
runner = Interpreter(model_path="denoiser.tflite").get_signature_runner()
(name,) = runner.get_input_details()
(found,) = runner(**{name: noisy[None, ..., None]}).values()

in_keras = np.asarray(model(noisy[None, ..., None]))
off = found - in_keras
panels = [("noisy", noisy), ("Keras", in_keras[0, ..., 0]), ("LiteRT", found[0, ..., 0])]
panels.append(("difference, a million times", 0.5 + 1e6 * off[0, ..., 0]))
images.write_picture("litert.png", images.side_by_side(panels))
print(f"The largest difference is {np.abs(off).max():.1e}, on a scale where white is 1.")
