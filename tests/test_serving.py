"""The example server: right answers to good requests, a reason to bad ones, all at the same time."""

import contextlib
import http.client
import json
import select
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import keras
import numpy as np
import pytest
from checks.serving import NAME, Server, bad_requests, end, good_requests, group_lives
from imagepde import export, zoo

pytest.importorskip("litserve")
# LitServe needs it, too.
psutil = pytest.importorskip("psutil")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        keras.backend.backend() != "tensorflow", reason="export needs the TensorFlow backend"
    ),
]

QUEUE = 40
REQUESTS = 200
PATIENCE = 3


@pytest.fixture(scope="module")
def model():
    return zoo.load("perona_malik.gauss25")


@pytest.fixture(scope="module")
def models(model, tmp_path_factory):
    """A folder with a model."""
    folder = tmp_path_factory.mktemp("models")
    (folder / NAME).mkdir()
    export.export(model, folder / NAME / "1", to="saved_model")
    return folder


@contextlib.contextmanager
def started(models):
    """A server that runs, and of which nothing is left afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    script = Path(__file__).parents[1] / "examples" / "serve.py"
    options = "--port", str(port), "--queue", str(QUEUE), "--patience", str(PATIENCE)
    # A group of its own, with which all processes of the server can be ended.
    process = subprocess.Popen(
        [sys.executable, str(script), str(models), *options], start_new_session=True, cwd=models
    )
    try:
        running = Server(process, port)
        running.wait(60)
        yield running
    finally:
        end(process)


@pytest.fixture(scope="module")
def server(models):
    with started(models) as running:
        yield running


def test_two_hundred_requests_at_once(server, model):
    good, bad = good_requests(model), bad_requests()
    # Every fourth is bad.
    work = [
        (*bad[k // 4 % len(bad)], None)
        if k % 4 == 3
        else (good[k % len(good)][0], NAME, 200, good[k % len(good)][1])
        for k in range(REQUESTS)
    ]
    before = server.counts()
    begun = time.perf_counter()
    with ThreadPoolExecutor(24) as pool:
        answers = list(pool.map(lambda one: server.predict(one[0], one[1]), work))
    seconds = time.perf_counter() - begun
    print(f"{REQUESTS} requests in {seconds:.1f} s, {REQUESTS / seconds:.0f} per second")
    assert len(answers) == REQUESTS
    for (_, _, expected, check), (status, answer, _) in zip(work, answers, strict=True):
        assert status == expected, answer
        if check is None:
            assert isinstance(answer["error"], str)
            assert answer["error"]
        else:
            check(answer["predictions"])
    instances, images, batches = np.subtract(server.counts(), before)
    assert instances >= REQUESTS * 3 // 4
    assert images >= instances
    # How many are computed together depends on how busy the machine is, see the full queue below.
    print(f"{instances} instances, {images} images, {batches} batches")
    assert server.ask("GET", "/health")[0] == 200


def test_status_of_models(server):
    status, answer, _ = server.ask("GET", f"/v1/models/{NAME}")
    assert status == 200
    (version,) = answer["model_version_status"]
    assert version["version"] == "1"
    assert version["state"] == "AVAILABLE"
    assert version["status"] == {"error_code": "OK", "error_message": ""}
    for path in ("/v1/models/no", "/nothing"):
        status, answer, _ = server.ask("GET", path)
        assert status == 404
        assert answer["error"]


def test_a_body_that_is_too_large_is_not_read(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.putrequest("POST", f"/v1/models/{NAME}:predict")
    connection.putheader("Content-Length", str(10**9))
    connection.endheaders()
    answer = connection.getresponse()
    assert answer.status == 413
    assert "bytes" in json.loads(answer.read())["error"]
    connection.close()


HEAD = f"POST /v1/models/{NAME}:predict HTTP/1.1\r\nHost: here\r\nContent-Length: %d\r\n\r\n"


def connections(server, count, sent):
    """So many connections, on each of which some bytes are sent."""
    opened = []
    for _ in range(count):
        opened.append(socket.create_connection(("127.0.0.1", server.port), timeout=20))
        opened[-1].sendall(sent)
    return opened


def worker_of(server):
    """The process with the models: the largest."""
    processes = psutil.Process(server.process.pid).children()
    return max(processes, key=lambda one: one.memory_info().rss)


def test_a_full_queue_says_so_and_empties(server):
    body = json.dumps({"instances": [[[[0.5]] * 16] * 16]}).encode()
    worker, before = worker_of(server), server.counts()
    worker.suspend()
    waiting = []
    try:
        waiting = connections(server, QUEUE + 1, (HEAD % len(body)).encode() + body)
        # Which of them came last, the server says; only that one is answered.
        (refused,), _, _ = select.select(waiting, [], [], 20)
        waiting.remove(refused)
        answer = http.client.HTTPResponse(refused)
        answer.begin()
        assert answer.status == 503
        assert json.loads(answer.read())["error"]
        assert int(answer.headers["Retry-After"]) >= 1
        refused.close()
        assert server.ask("GET", "/health")[0] == 200
    finally:
        worker.resume()
        for connection in waiting:
            assert connection.recv(100).startswith(b"HTTP/1.1 200")
            connection.close()
    # A bad request is refused as such again, as soon as there is a place for it.
    stop = time.monotonic() + 5
    while (status := server.predict(b"{}")[0]) == 503 and time.monotonic() < stop:
        time.sleep(0.1)
    assert status == 400
    # What waits together is computed together. How much that is, is a matter of who comes first: the
    # process that reads requests, or the one that answers them.
    instances, images, batches = np.subtract(server.counts(), before)
    assert instances == images == QUEUE
    assert batches < QUEUE


def test_slow_clients_do_not_hold_it_and_are_given_up(server):
    body = json.dumps({"instances": [[[[0.5]] * 16] * 16]}).encode()
    slow = connections(server, 2 * QUEUE, (HEAD % 100).encode() + b"{")
    silent = connections(server, 10, b"") + connections(server, 10, b"POST /v1")
    begun = time.monotonic()
    assert server.predict(body)[0] == 200
    assert time.monotonic() - begun < PATIENCE
    for connection in slow:
        assert connection.recv(100).startswith(b"HTTP/1.1 408")
        connection.close()
    for connection in silent:
        assert connection.recv(100) == b""
        connection.close()
    assert time.monotonic() - begun < 4 * PATIENCE


def test_arrays_take_as_much_memory_as_their_text(server):
    http = [p for p in psutil.Process(server.process.pid).children() if p != worker_of(server)]
    before = max(p.memory_info().rss for p in http)
    flat = b'{"instances":[[' + b",".join([b"[0]"] * 3_000_000) + b"]]}"
    empty = b'{"instances":[' + b",".join([b"[]"] * 4_000_000) + b"]}"
    slowest, largest = 0.0, 0
    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(server.predict, body) for body in (flat, empty) * 4]
        while not all(answer.done() for answer in answers):
            begun = time.monotonic()
            assert server.ask("GET", "/health")[0] == 200
            slowest = max(slowest, time.monotonic() - begun)
            largest = max(largest, *(p.memory_info().rss for p in http))
    assert {answer.result()[0] for answer in answers} <= {400, 503}
    assert largest - before < 300 * 2**20
    assert slowest < 5


def test_text_of_arrays_is_read_as_json_is(rng, monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "examples"))
    import serving_pictures
    from fastapi import HTTPException

    arrays = [rng.random((9, 11, 3)), rng.standard_normal((8, 8, 1)) * 1e-5, np.ones((8, 12, 2), int)]
    text = json.dumps({"instances": [array.tolist() for array in arrays]}, indent=1)
    found = serving_pictures.read_pictures("a", text.encode(), 1000)
    for picture, array in zip(found, arrays, strict=True):
        np.testing.assert_array_equal(picture.array, array.astype("float32"))
    whole = json.dumps({"instances": [arrays[2].tolist()]}, separators=(",", ":"))
    for good, bad in (
        ("[[[1,1]", "[[[1 1]"),
        ("[[[1,1]", "[[[1,]"),
        ("[[[1,1]", "[[[1,1]1"),
        ("[[[1,1]", "[[[1,1,1]"),
        ("[[[1,1],", "[[[1,1]"),
        ("[[[1,1]", "[[1[1,1]"),
        ("[[[1,1]", "[[[1,1e999]"),
        ("[[[1,1]", "[[[1,--1]"),
        ("[[[1,1]", "[[[1,9]"),
        ("]]]]", "]]],]"),
        ("]]]]", "]]]"),
        ("]]]]", "]]]]]"),
        ("]]]]", "]]],1]"),
    ):
        assert good in whole
        with pytest.raises(HTTPException) as caught:
            serving_pictures.read_pictures("a", whole.replace(good, bad, 1).encode(), 1000)
        assert caught.value.status_code == 400
    with pytest.raises(HTTPException) as caught:
        serving_pictures.read_pictures("a", whole.encode(), 95)
    assert caught.value.status_code == 413


def test_it_ends_with_all_its_processes(server):
    """The last test of this server: there is none after it."""
    assert end(server.process)


@pytest.mark.parametrize(
    "dies", ["http", *(pytest.param(one, marks=pytest.mark.every_model) for one in ("main", "worker"))]
)
def test_it_ends_whole_when_a_process_dies(models, dies):
    with started(models) as server:
        if dies == "main":
            server.process.kill()
        elif dies == "worker":
            worker_of(server).kill()
        else:
            # Only this process answers. It was forked last; what else there is, as the tracker of
            # shared memory, was started with a command of its own.
            main = psutil.Process(server.process.pid)
            forked = [one for one in main.children() if one.cmdline() == main.cmdline()]
            max(forked, key=lambda one: one.create_time()).kill()
        assert server.process.wait(40) != 0
        assert not group_lives(server.process.pid, 10)
