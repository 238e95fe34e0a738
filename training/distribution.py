"""Where a training is computed: on one device, on several of a machine, or by several processes."""

import contextlib
import dataclasses
import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any

import tensorflow as tf

from ..errors import InputError
from ..pde.backend import keras, ops
from .data import TrainingData
from .recipe_record import Recipe

_GROUP, _GRADIENTS, _LOGS, _RECORDS = 1, 1, 2, 3
"""Keys that tell TensorFlow which processes exchange numbers, and which exchange is which."""


class OneDevice:
    """One device of one process, as every training without other wishes.

    Attributes:
        parts: Into how many equal parts each batch is divided.
        writes: Whether this process writes the run folder.
        compiles: Whether XLA can compile the training step.
    """

    parts = 1
    writes = True
    compiles = True

    def check(self, recipe: Recipe) -> None:
        """Refuses a recipe whose batches cannot be divided, before any work.

        Raises:
            InputError: naming both numbers.
        """
        if recipe.batch % self.parts:
            raise InputError(
                f"`batch` must be a multiple of {self.parts}, since each batch is divided into so many "
                f"parts. Received: batch={recipe.batch}."
            )

    def check_same(self, record: dict[str, Any]) -> None:
        """Refuses to train if other processes were told something else than this one."""

    @contextlib.contextmanager
    def scope(self) -> Iterator[None]:
        """Model, optimiser and metrics are made, and fitted, within it."""
        yield

    def divided(self, data: TrainingData) -> TrainingData:
        """The data, of which this process gives `fit` its part."""
        return data

    def optimizer(self, optimizer: keras.optimizers.Optimizer) -> keras.optimizers.Optimizer:
        """An optimiser whose steps are those of the whole batch."""
        return optimizer

    def callbacks(self) -> list[keras.callbacks.Callback]:
        """What makes the log that of the whole batch; it stands first."""
        return []


class Devices(OneDevice):
    """Several devices of this machine: TensorFlow divides each batch among copies of the model."""

    compiles = False

    def __init__(self, strategy: tf.distribute.Strategy) -> None:
        self.parts, self._strategy = strategy.num_replicas_in_sync, strategy

    def check(self, recipe: Recipe) -> None:
        """See `OneDevice`."""
        super().check(recipe)
        if recipe.bfloat16_convolutions:
            # Copies are traced in threads of their own, which know nothing of it.
            raise InputError(
                "Convolutions are computed in bfloat16 on one device only. "
                "Received: bfloat16_convolutions=true."
            )

    @contextlib.contextmanager
    def scope(self) -> Iterator[None]:
        """See `OneDevice`."""
        with self._strategy.scope():
            yield

    def divided(self, data: TrainingData) -> TrainingData:
        """Each picture of the validation goes to every device, since there is one in a batch."""

        def repeated(*tensors):
            return tuple(tf.repeat(tensor, self.parts, axis=0) for tensor in tensors)

        pairs = tf.data.Dataset.from_generator(
            _LookedAt(data.pairs), output_signature=data.pairs.element_spec
        )
        validation = None if data.validation is None else data.validation.map(repeated)
        return dataclasses.replace(data, pairs=pairs, validation=validation)


class _LookedAt:
    """The batches of a dataset for `fit` with several devices, which looks at the first one before.

    Each time that it is begun, a dataset that shuffles gives another order: so it is begun once.
    """

    def __init__(self, pairs):
        self._batches = iter(pairs)
        self._first, self._looked = next(self._batches), False

    def __call__(self):
        looking, self._looked = not self._looked, True
        yield self._first
        if not looking:
            yield from self._batches


class Workers(OneDevice):
    """Several processes, on one machine or on several, that exchange their gradients each step.

    Every process draws the same batches and computes its part of each. The first one writes the run
    folder. All have the same weights at all times, since they start with the same and make the same
    steps.
    """

    compiles = False

    def __init__(self, number: int, count: int) -> None:
        self.number, self.parts, self.writes = number, count, number == 0

    def check_same(self, record: dict[str, Any]) -> None:
        """See `OneDevice`."""
        digest = hashlib.sha256(json.dumps(record, sort_keys=True).encode()).digest()
        own = tf.constant(int.from_bytes(digest[:7], "big"), tf.int64)
        with self.scope():
            most = _exchanged(tf.stack([own, -own]), self.parts, _RECORDS, "Max")
        if int(most[0]) != -int(most[1]):
            raise InputError(
                "The processes of this training differ in recipe, pictures, versions or checkpoint; "
                "give all the same options and the same run folder on a disk that all can read."
            )

    @contextlib.contextmanager
    def scope(self) -> Iterator[None]:
        """See `OneDevice`; that another process is gone is said in one line."""
        try:
            yield
        except (
            tf.errors.UnavailableError,
            tf.errors.InternalError,
            tf.errors.AbortedError,
            tf.errors.CancelledError,
        ) as error:
            raise ConnectionError(
                "Another process of this training ended or cannot be reached. The last checkpoint is "
                "whole: start all of them again with `resume`."
            ) from error

    def divided(self, data: TrainingData) -> TrainingData:
        """See `OneDevice`."""

        def part(*tensors):
            size = tf.shape(tensors[0])[0] // self.parts
            start = self.number * size
            return tuple(tensor[start : start + size] for tensor in tensors)

        return dataclasses.replace(data, pairs=data.pairs.map(part).prefetch(2))

    def check(self, recipe: Recipe) -> None:
        """See `OneDevice`."""
        super().check(recipe)
        if recipe.dtype_policy == "mixed_float16":
            raise InputError(
                "Each process would scale the loss by itself; choose `mixed_bfloat16`. "
                "Received: dtype_policy='mixed_float16'."
            )

    def optimizer(self, optimizer: keras.optimizers.Optimizer) -> keras.optimizers.Optimizer:
        """See `OneDevice`."""
        apply = optimizer.apply

        def apply_mean(grads, trainable_variables=None):
            flat = tf.concat([tf.reshape(grad, (-1,)) for grad in grads], axis=0)
            mean = _exchanged(flat, self.parts, _GRADIENTS) / self.parts
            parts = tf.split(mean, [grad.shape.num_elements() for grad in grads])
            means = [tf.reshape(part, grad.shape) for part, grad in zip(parts, grads, strict=True)]
            return apply(means, trainable_variables)

        optimizer.apply = apply_mean
        return optimizer

    def callbacks(self) -> list[keras.callbacks.Callback]:
        """See `OneDevice`."""
        return [_SharedLogs(self.parts)]


class _SharedLogs(keras.callbacks.Callback):
    """Losses and metrics of the whole batch in place of those of this process."""

    def __init__(self, count):
        super().__init__()
        self._count = count

    def on_epoch_end(self, epoch, logs=None):
        keys = sorted(logs)
        own = ops.convert_to_tensor([float(logs[key]) for key in keys], "float32")
        means = _exchanged(own, self._count, _LOGS) / self._count
        logs.update(zip(keys, means.numpy().tolist(), strict=True))


def _exchanged(tensor, count, key, merge="Add"):
    """The sum over all processes of a tensor that each of them has."""
    return tf.raw_ops.CollectiveReduceV2(
        input=tensor,
        group_size=count,
        group_key=_GROUP,
        instance_key=key,
        ordering_token=[],
        merge_op=merge,
        final_op="Id",
    )


def distribute(
    *, devices: int | None = None, workers: Sequence[str] | None = None, worker: int = 0
) -> OneDevice:
    """Several devices, or several processes, to train on; to be called before anything is computed.

    The steps are those of one device with the same batch, within rounding: a batch is divided into
    equal parts. XLA does not compile them.

    Args:
        devices: So many GPUs of this machine. Where there is none, the processor is divided into so
            many devices, which is for trying it out: it is not faster.
        workers: The addresses `host:port` of all processes, the first of which writes the run folder.
            Each is started with the same recipe and pictures, and waits for the others.
        worker: The place of this process among them, from 0.

    Returns:
        What `train` takes as `on`.

    Raises:
        InputError: for another backend than TensorFlow, more devices than there are, addresses that
            are none, or if TensorFlow has computed something before.

    Example:
        on = training.distribute(devices=2)
        model = training.train(recipe, pictures, "runs/foe_s", on=on)
    """
    if keras.backend.backend() != "tensorflow":
        raise InputError(
            "Several devices need TensorFlow as the backend of Keras. "
            f"Received: {keras.backend.backend()!r}."
        )
    if (devices is None) == (workers is None):
        raise InputError("Give `devices` or `workers`, one of them.")
    return _devices(devices) if workers is None else _workers(list(workers), worker)


def _devices(count: int | None) -> OneDevice:
    if not isinstance(count, int) or count < 1:
        raise InputError(f"`devices` must be a whole number ≥ 1. Received: {count!r}.")
    if count == 1:
        return OneDevice()
    kind = "GPU" if tf.config.list_physical_devices("GPU") else "CPU"
    found = tf.config.list_physical_devices(kind)
    if kind == "CPU":
        with _at_start():
            tf.config.set_logical_device_configuration(
                found[0], [tf.config.LogicalDeviceConfiguration()] * count
            )
    elif len(found) < count:
        raise InputError(f"This machine has {len(found)} GPUs. Received: devices={count}.")
    return Devices(tf.distribute.MirroredStrategy([f"{kind}:{k}" for k in range(count)]))


def _workers(addresses: list[str], number: int) -> OneDevice:
    for address in addresses:
        host, _, port = address.rpartition(":")
        if not host or not port.isdecimal() or not 0 < int(port) < 65536:
            raise InputError(f"`workers` must be addresses `host:port`. Received: {address!r}.")
    if len(set(addresses)) != len(addresses) or len(addresses) < 2:
        raise InputError(f"`workers` must be two different addresses or more. Received: {addresses}.")
    count = len(addresses)
    if not isinstance(number, int) or not 0 <= number < count:
        raise InputError(
            f"`worker` must be a place among {count} addresses, from 0. Received: {number!r}."
        )
    cluster = tf.distribute.cluster_resolver.SimpleClusterResolver(
        tf.train.ClusterSpec({"worker": addresses}),
        task_type="worker",
        task_id=number,
        rpc_layer="grpc",
    )
    with _at_start():
        # What is wanted of it is that it connects the processes; variables of Keras do not live in it.
        tf.distribute.MultiWorkerMirroredStrategy(cluster)
    return Workers(number, count)


@contextlib.contextmanager
def _at_start() -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:
        raise InputError(
            "Devices and processes are arranged before TensorFlow computes anything: call "
            "`training.distribute` first."
        ) from error
