"""A running example server, and requests to it."""

import base64
import http.client
import io
import json
import os
import signal
import struct
import subprocess
import time
import zlib

import numpy as np
import pytest
from imagepde import zoo
from PIL import Image
from skimage import data

NAME = "denoiser"


class Server:
    """A server that runs, and how to ask it."""

    def __init__(self, process, port):
        self.process, self.port = process, port

    def ask(self, method, path, body=None):
        """Status, answer (text where it is no JSON), and headers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=50)
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        try:
            return answer.status, json.loads(text), answer.headers
        except ValueError:
            return answer.status, text.decode(), answer.headers

    def predict(self, body, name=NAME):
        """Asks for predictions."""
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.ask("POST", f"/v1/models/{name}:predict", body)

    def counts(self):
        """How many instances, images and batches were computed."""
        lines = self.ask("GET", "/monitoring/prometheus/metrics")[1].splitlines()
        return [int(line.split()[1]) for line in lines]

    def wait(self, seconds):
        """Until the server is healthy."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.process.poll() is None:
            try:
                if self.ask("GET", "/health")[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.1)
        pytest.fail(f"The server does not run: {self.process.poll()}")


def end(process):
    """Ends a server and whatever is left of it; returns whether it ended by itself."""
    process.terminate()
    try:
        process.wait(40)
        return not group_lives(process.pid, 5)
    except subprocess.TimeoutExpired:
        return False
    finally:
        if group_lives(process.pid, 0):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(40)


def group_lives(group, seconds):
    """Whether there are processes of a group, after so many seconds at most."""
    stop = time.monotonic() + seconds
    while True:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return False
        if time.monotonic() >= stop:
            return True
        time.sleep(0.1)


def encoded(picture, form="PNG"):
    file = io.BytesIO()
    Image.fromarray(picture).save(file, form)
    return {"b64": base64.b64encode(file.getvalue()).decode()}


def decoded(prediction):
    return np.array(Image.open(io.BytesIO(base64.b64decode(prediction["b64"]))))


def bomb():
    """A PNG file of 100 megapixels, as small as it can be."""

    def chunk(kind, content):
        checked = kind + content
        return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))

    header = struct.pack(">IIBBBBB", 10_000, 10_000, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(10_001) * 10_000, 9)
    chunks = chunk(b"IHDR", header), chunk(b"IDAT", pixels), chunk(b"IEND", b"")
    return {"b64": base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"".join(chunks)).decode()}


def pictures():
    """Pictures of several sizes and kinds, with the form they are sent in."""
    camera, astronaut, cat = data.camera(), data.astronaut(), data.chelsea()
    alpha = np.dstack([astronaut, camera])
    return [
        (camera[100:196, 100:228], "PNG"),
        (camera[50:146, 60:188], "PNG"),
        (camera[200:296, 150:278], "JPEG"),
        (astronaut[:96, 100:228], "PNG"),
        (cat[40:140, 60:130], "JPEG"),
        (alpha[100:164, 100:180], "PNG"),
        (alpha[100:164, 100:180, 2:], "PNG"),
        (camera[100:164, 100:180].astype(np.uint16) * 257, "PNG"),
    ]


def good_requests(model):
    """Bodies, and functions that check the predictions."""
    requests = []
    for number, (picture, form) in enumerate(pictures()):
        instance = encoded(picture, form)
        sent = decoded(instance)
        expected = expected_of(model, sent)
        body = {"instances": [instance if number % 2 else {"image_bytes": instance}]}
        if number % 3 == 0:
            body["signature_name"] = "encoded"

        def check(predictions, expected=expected):
            (found,) = map(decoded, predictions)
            assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
            level = 257 if found.dtype == np.uint16 else 1
            assert np.abs(found.astype(int) - expected.astype(int)).max() <= level

        requests.append((body, check))
    for picture, _ in pictures()[:2]:
        image = (picture / 255).astype("float32")[None, ..., None]
        images = np.concatenate([image, image[:, ::-1]])
        expected = np.asarray(model(images))

        def check_arrays(predictions, expected=expected):
            assert np.abs(np.array(predictions) - expected).max() <= 1e-5

        requests.append(({"instances": images.tolist()}, check_arrays))
    return requests


def expected_of(model, picture):
    """What `restore` makes of it; it wants colour where there is alpha."""
    if picture.ndim == 3 and picture.shape[-1] == 2:
        grey, alpha = picture[..., 0], picture[..., 1]
        return np.dstack([zoo.restore(grey, model), alpha])
    return zoo.restore(picture, model)


def bad_requests():
    """Bodies, names of models, and the status that is expected."""
    picture = data.camera()[:64, :64]
    png = base64.b64decode(encoded(picture)["b64"])
    row = [[0.5]] * 16
    of = [
        ({"instances": [{"b64": base64.b64encode(b"no picture").decode()}]}, 400),
        ({"instances": [{"b64": base64.b64encode(png[: len(png) // 2]).decode()}]}, 400),
        ({"instances": [bomb()]}, 413),
        ({"instances": [{"b64": "?"}]}, 400),
        ({"instances": [{"b64": 1}]}, 400),
        ({"instances": [encoded(picture[:4])]}, 400),
        ({"instances": [[row] * 4]}, 400),
        ({"instances": [[row] * 16, {"b64": ""}]}, 400),
        ({"instances": [[[[0.5, 0.5]] * 16] * 16]}, 400),
        ({"instances": [[row] * 15 + [row[:9]]]}, 400),
        ({"instances": [row]}, 400),
        ({"instances": [[[["0.5"]] * 16] * 16]}, 400),
        ({"instances": [[[[float("nan")]] * 16] * 16]}, 400),
        ({"instances": [[[[255]] * 16] * 16]}, 400),
        ({"instances": []}, 400),
        ({"instances": [[row] * 16], "signature_name": "encoded"}, 400),
        ({"instances": [[row] * 16], "signature_name": "other"}, 400),
        ({"inputs": [[row] * 16]}, 400),
        (b"no JSON", 400),
        (b'{"instances": ' + b"[" * 100_000, 400),
    ]
    return [(body, NAME, status) for body, status in of] + [({"instances": [[row] * 16]}, "no", 404)]
