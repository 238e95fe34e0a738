"""Fine-tunes a denoiser on noisy pictures alone, without any clean one.

python examples/finetune_noisy.py FOLDER tuned.keras
imagepde restore noisy.png clean.png --model tuned.keras
"""

import sys
from pathlib import Path

from imagepde import images, training

folder, output = sys.argv[1:3]
minutes = float((sys.argv[3:4] or (10,))[0])

examples = []
for path in sorted(Path(folder).iterdir()):
    picture, scale = images.unit_picture(images.read_picture(path))
    examples.append(training.Example(images.luma(picture)))
training.finetune("trd.any", examples, output=output, minutes=minutes, progress=print)
