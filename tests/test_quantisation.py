"""What is done to a graph before its convolutions become such of integers."""

import keras
import numpy as np
import pytest
from imagepde import export, zoo
from imagepde.export import flatbuffer, litert
from imagepde.export.columns import kernel_of_columns, widen
from imagepde.layers.unet import _doubled_in_blocks

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="export needs the TensorFlow backend"
)


def kernels(content):
    """The shapes of the kernels of a file, `(filters, rows, columns, channels)`."""
    tables = flatbuffer.read(content)
    (graph,) = tables.subgraphs
    for operator in graph.operators:
        kind = tables.operatorCodes[operator.opcodeIndex].builtinCode
        if kind == flatbuffer.classes().BuiltinOperator.CONV_2D:
            yield tuple(map(int, graph.tensors[operator.inputs[1]].shape))


def convolution(size, channels, filters, **options):
    """A model of one convolution, as a LiteRT file for 11×14 pixels."""
    image = keras.Input((None, None, channels))
    layer = keras.layers.Conv2D(filters, size, bias_initializer="normal", **options)
    return litert.converted(keras.Model(image, layer(image)), (11, 14))


@pytest.mark.parametrize("count", [1, 2, 4])
@pytest.mark.parametrize("columns", [1, 2, 3, 5])
def test_several_columns_at_once(count, columns, rng):
    image, kernel = rng.random((8 + columns - 1, 3)), rng.random((5, 1, columns, 3))
    expected = [sum(image[p + b] @ kernel[:, 0, b].T for b in range(columns)) for p in range(8)]
    wide = kernel_of_columns(kernel, count)
    longer = np.zeros((count * (8 // count + wide.shape[2] - 1), 3))
    longer[: len(image)] = image
    together = longer.reshape(-1, 3 * count)
    result = [
        sum(together[p + b] @ wide[:, 0, b].T for b in range(wide.shape[2])) for p in range(8 // count)
    ]
    np.testing.assert_allclose(np.reshape(result, (8, 5)), expected, atol=1e-12)


@pytest.mark.parametrize(
    ("size", "channels", "filters", "count"),
    [(3, 8, 8, 4), (3, 16, 8, 2), (4, 32, 3, 4), (5, 32, 1, 8), (1, 8, 6, 4)],
)
def test_a_widened_convolution_computes_the_same(size, channels, filters, count, tmp_path, rng):
    content = convolution(size, channels, filters, activation="relu")
    wide = widen(content, 8, 1)
    assert [k[3] for k in kernels(wide)] == [count * channels]
    image = rng.random((1, 11, 14, channels)).astype("float32")
    results = []
    for number, file in enumerate((content, wide)):
        litert.save(file, tmp_path / f"{number}.tflite")
        results.append(litert.run(tmp_path / f"{number}.tflite")(image))
    np.testing.assert_allclose(results[1], results[0], atol=1e-5)


@pytest.mark.parametrize(
    ("channels", "filters", "options"),
    [
        (1, 32, {}),
        (8, 4, {}),
        (64, 8, {}),
        (24, 64, {}),
        (8, 8, {"strides": 2}),
        (8, 8, {"padding": "same"}),
        (8, 8, {"dilation_rate": 2}),
    ],
)
def test_other_convolutions_are_left_alone(channels, filters, options):
    content = convolution(3, channels, filters, **options)
    assert list(kernels(widen(content, 8, 8))) == list(kernels(content))


def test_images_of_any_size_are_not_cut_into_columns():
    image = keras.Input((None, None, 8))
    content = litert.converted(keras.Model(image, keras.layers.Conv2D(8, 3)(image)))
    assert list(kernels(widen(content, 8, 1))) == [(8, 3, 3, 8)]


def test_a_transposed_convolution_by_blocks(rng):
    transposed = keras.layers.Conv2DTranspose(
        5, 3, strides=2, padding="same", bias_initializer="normal"
    )
    image = rng.random((2, 7, 6, 4)).astype("float32")
    expected = transposed(image)
    np.testing.assert_allclose(_doubled_in_blocks(transposed, image), expected, atol=1e-6)


@pytest.mark.slow
def test_what_depends_on_weights_alone_is_a_constant():
    content = litert.converted(zoo.create("trd_certified", stages=2))
    # It has 180 kB. A bound on the norm of the kernels takes 10 MB of numbers on the way.
    assert len(content) < 400_000
    codes = flatbuffer.read(content).operatorCodes
    assert flatbuffer.classes().BuiltinOperator.BATCH_MATMUL not in [c.builtinCode for c in codes]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "least"),
    # What loses little keeps all, see `test_convolutions`, too.
    [("noise01", 8), pytest.param("noise1", 32, marks=pytest.mark.every_model)],
)
def test_what_loses_too_much_has_fewer_convolutions_in_integers(name, least, tmp_path):
    path = tmp_path / "unet.tflite"
    report = export.export(zoo.load(f"unet.pm_inverse_{name}"), path, "litert", "int8", (128, 128))
    assert report.psnr_loss <= 0.1
    narrowest = min(k[3] for k in list(kernels(path.read_bytes()))[1:])
    assert narrowest >= least if name == "noise1" else narrowest == least
