"""A training that is killed; the next one goes on where it was.

`python -m checks.killed_training RECIPE PICTURES RUN [SECONDS]` with a recipe as JSON and two folders.
The process is killed so many seconds after its first step; `-1` kills it in its second epoch, between
the row in the log and the checkpoint. Without SECONDS it is left alone.
"""

import json
import os
import signal
import sys
import threading

from imagepde import training
from imagepde.training import callbacks

save = callbacks.SaveCheckpoint.on_epoch_end
begin = callbacks.LogEpochs.on_train_batch_end


def kill():
    os.kill(os.getpid(), signal.SIGKILL)


def kill_before_checkpoint(self, epoch, logs=None):
    if epoch == 1:
        kill()
    save(self, epoch, logs)


def kill_after(seconds):
    timers = []

    def begun(self, batch, logs=None):
        if not timers:
            timers.append(threading.Timer(seconds, kill))
            timers[0].daemon = True
            timers[0].start()

    return begun


def train(recipe, pictures, run, seconds):
    if seconds == -1:
        callbacks.SaveCheckpoint.on_epoch_end = kill_before_checkpoint
    elif seconds is not None:
        callbacks.LogEpochs.on_train_batch_end = kill_after(seconds)
    recipe = training.Recipe.from_dict(json.loads(recipe))
    training.train(recipe, training.open_source(pictures), run, resume=os.path.exists(run))


if __name__ == "__main__":
    train(*sys.argv[1:4], float(sys.argv[4]) if sys.argv[4:] else None)
