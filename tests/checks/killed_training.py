"""A training that is killed in its second epoch, between the row in the log and the checkpoint.

`python -m checks.killed_training RECIPE PICTURES RUN` with a recipe as JSON and two folders.
"""

import json
import os
import signal
import sys

from imagepde import training
from imagepde.training import callbacks

save = callbacks.SaveCheckpoint.on_epoch_end


def killed(self, epoch, logs=None):
    if epoch == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    save(self, epoch, logs)


if __name__ == "__main__":
    callbacks.SaveCheckpoint.on_epoch_end = killed
    recipe, pictures, run = sys.argv[1:]
    recipe = training.Recipe.from_dict(json.loads(recipe))
    training.train(recipe, training.open_source(pictures), run)
