"""Fine-tunes a pretrained model on a folder of your own pictures: plain Keras.

python examples/finetune.py FOLDER tuned.keras
imagepde restore noisy.png clean.png --model tuned.keras
"""

import sys

import keras
from imagepde import tasks, training, zoo

folder, output = sys.argv[1:3]
epochs, steps = map(int, sys.argv[3:5] or (5, 100))

pictures = training.open_source(folder)
noise = tasks.GaussianNoise(25)
held_back = range(0, len(pictures), 10)
others = [k for k in range(len(pictures)) if k % 10]
pairs = training.training_pairs(pictures.part(others), noise, 1, patch=64, batch=8, seed=0)
validation = training.validation_pairs(pictures.part(held_back), noise, channels=1, size=256)

model = zoo.load("foe_s.gauss25")
model.compile(keras.optimizers.Adam(1e-3), loss="mse", metrics=[tasks.PSNR()])
print(f"before: {model.evaluate(validation, verbose=0, return_dict=True)['psnr']:.2f} dB")
model.fit(
    pairs, epochs=epochs, steps_per_epoch=steps, validation_data=validation, verbose=2, shuffle=False
)
print(f"after: {model.evaluate(validation, verbose=0, return_dict=True)['psnr']:.2f} dB")
model.save(output)
