"""Serves SavedModels that imagepde exported, in the form of TensorFlow Serving's REST API.

mkdir -p models/denoiser
imagepde export trd.gauss25 --to saved_model models/denoiser/1
python examples/serve.py models --port 8501

It needs litserve, numpy, pillow and tensorflow, not imagepde. Routes and limits: docs/serving.md.
"""

import argparse
import asyncio
import logging
import multiprocessing
import os
import signal
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import litserve as ls
import numpy as np
from fastapi import Depends, HTTPException, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from litserve.loops import LitLoop
from litserve.utils import LitAPIStatus, LoopResponseType, PickleableHTTPException
from serving_limits import Impatient, Whole, end_with
from serving_pictures import ARRAYS, Picture, read_pictures
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException as AnyHTTPException
from starlette.requests import ClientDisconnect

HELD_BODIES = 4
"""How many bodies of the largest size are held at once."""

LATER = {"Retry-After": "1"}


async def received(request: Request):
    """The body of a request, once all of it is there; it counts as held until it is answered."""
    body = bytearray()
    try:
        await _receive(request, body)
        yield body
    finally:
        request.app.state.held -= len(body)


async def _receive(request, body):
    state = request.app.state
    if request.path_params["name"] not in state.models:
        raise HTTPException(404, f"There is no model {request.path_params['name']!r}.")
    # Without such a header, LitServe counts the bytes as they come.
    if int(request.headers.get("content-length", 0)) > state.options.max_bytes:
        raise HTTPException(413, f"At most {state.options.max_bytes} bytes.")
    try:
        async with asyncio.timeout(state.options.patience):
            async for piece in request.stream():
                if state.held + len(piece) > HELD_BODIES * state.options.max_bytes:
                    raise HTTPException(503, "Too much is sent at once; try again.", headers=LATER)
                state.held += len(piece)
                body += piece
    except TimeoutError as error:
        close = {"Connection": "close"}
        raise HTTPException(408, "The body comes too slowly.", headers=close) from error
    except ClientDisconnect as error:
        raise HTTPException(400, "The body is not complete.") from error


async def admitted(request: Request, body: Annotated[bytearray, Depends(received)]):
    """The body of a request that has a place among those that wait, and keeps it until the answer."""
    state = request.app.state
    if state.waiting >= state.options.queue:
        raise HTTPException(503, "Too many requests wait; try again.", headers=LATER)
    state.waiting += 1
    try:
        yield body
    finally:
        state.waiting -= 1


async def pictures_of(request: Request, body: Annotated[bytearray, Depends(admitted)]):
    """What a request asks for. Bad requests end here, before they reach a worker."""
    state, name = request.app.state, request.path_params["name"]
    # One at a time, and in another thread: that bounds the memory, and `/health` answers meanwhile.
    async with state.reading:
        return await run_in_threadpool(read_pictures, name, body, state.options.max_pixels)


class Worker(ls.LitAPI):
    """Holds all models, in a process of its own."""

    def __init__(self, models, options):
        super().__init__(api_path="/v1/models/{name}:predict", loop=BatchLoop())
        self.folders, self.options = models, options
        self.counts = multiprocessing.get_context("spawn").Array("Q", 3)

    def decode_request(self, request: Annotated[list[Picture], Depends(pictures_of)]):
        """LitServe takes the annotation for the route, so that `pictures_of` reads requests."""
        return request

    def setup(self, device):
        """Loads the models; runs when the process starts."""
        import tensorflow as tf

        end_with(os.getppid())
        # Ctrl+C reaches all processes of a terminal; the server ends its workers itself.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self.bad_input = tf.errors.InvalidArgumentError
        # What was loaded is kept, too: a signature alone does not keep its variables alive.
        self.models = {name: tf.saved_model.load(folder) for name, folder in self.folders.items()}

    def predict(self, pictures):
        """Predictions for pictures of one kind."""
        compute = self.models[pictures[0].model].signatures[ARRAYS]
        ((name, spec),) = compute.structured_input_signature[1].items()
        stacks = [picture.images(spec.shape[-1]) for picture in pictures]
        images = np.concatenate(stacks)
        if not spec.shape.is_compatible_with(images.shape):
            raise HTTPException(400, f"This model takes {spec.shape}. Received: {images.shape}.")
        pixels = images.shape[1] * images.shape[2]
        most = max(1, min(self.options.max_batch, self.options.max_pixels // pixels))
        pieces = [images[k : k + most] for k in range(0, len(images), most)]
        try:
            results = np.concatenate([next(iter(compute(**{name: x}).values())) for x in pieces])
        except self.bad_input as error:
            message = str(error).splitlines()[0]
            raise HTTPException(400, f"The model cannot compute this: {message}") from error
        if not np.isfinite(results).all():
            raise HTTPException(500, "The model returned what is no finite number.")
        with self.counts.get_lock():
            for k, more in enumerate((pictures, images, pieces)):
                self.counts[k] += len(more)
        parts = np.split(results, np.cumsum([len(stack) for stack in stacks])[:-1])
        return [picture.prediction(part) for picture, part in zip(pictures, parts, strict=True)]

    def encode_response(self, output):
        """The answer, written in this process, so that the other one only passes bytes on."""
        text = '{"predictions": [' + ", ".join(output) + "]}"
        return Response(text, media_type="application/json")


@dataclass
class Waiting:
    """A request in the queue of LitServe, and what is known of its answer."""

    client: int
    uid: str
    arrived: float
    pictures: list[Picture]
    predictions: dict = field(default_factory=dict)


class BatchLoop(LitLoop):
    """Computes together what waits together and is of one kind; sleeps while nothing waits.

    LitServe's own loop for batches asks its queue a thousand times a second while it waits.
    """

    def run(self, worker, device, worker_id, queue, transport, setup_status, callback_runner):
        """One round: waits for requests, answers them all."""
        groups = {}
        for request in self._collect(worker.options, queue):
            if time.monotonic() - request.arrived > worker.request_timeout:
                self._answer(transport, request, HTTPException(504, "It waited for too long."))
                continue
            for k, picture in enumerate(request.pictures):
                groups.setdefault(picture.kind, []).append((request, k))
        for group in groups.values():
            try:
                found = worker.predict([request.pictures[k] for request, k in group])
            except HTTPException as error:
                found = [error] * len(group)
            except Exception:
                logging.exception("A batch failed")
                found = [HTTPException(500, "The model failed.")] * len(group)
            for (request, k), prediction in zip(group, found, strict=True):
                request.predictions[k] = prediction
                if len(request.predictions) == len(request.pictures):
                    predictions = [request.predictions[k] for k in range(len(request.pictures))]
                    errors = [p for p in predictions if isinstance(p, HTTPException)]
                    answer = errors[0] if errors else worker.encode_response(predictions)
                    self._answer(transport, request, answer)

    def _collect(self, options, queue):
        """Requests that wait, and those that arrive shortly after the first."""
        try:
            first = self.get_request(queue, timeout=1.0)
            if first is None:
                return []
            found, end = [Waiting(*first)], time.monotonic() + options.max_wait
            while len(found) < options.queue:
                more = self.get_request(queue, timeout=max(0.0, end - time.monotonic()))
                if more is None:
                    break
                found.append(Waiting(*more))
            return found
        except (EOFError, OSError):
            raise SystemExit("The queue has ended.") from None

    def _answer(self, transport, request, answer):
        status = LitAPIStatus.OK
        if isinstance(answer, HTTPException):
            answer, status = PickleableHTTPException.from_exception(answer), LitAPIStatus.ERROR
        kind = LoopResponseType.REGULAR
        self.put_response(transport, request.client, request.uid, answer, status, kind)


def add_routes(app, models, worker):
    """What TensorFlow Serving answers besides predictions, and its form of errors."""

    @app.exception_handler(AnyHTTPException)
    async def as_error(request: Request, error: AnyHTTPException):
        return JSONResponse({"error": str(error.detail)}, error.status_code, error.headers)

    @app.get("/v1/models/{name}")
    async def status(name: str):
        if name not in models:
            raise HTTPException(404, f"There is no model {name!r}.")
        fine = {"error_code": "OK", "error_message": ""}
        version = Path(models[name]).name
        return {"model_version_status": [{"version": version, "state": "AVAILABLE", "status": fine}]}

    @app.get("/monitoring/prometheus/metrics")
    async def metrics():
        counts = zip(("instances", "images", "batches"), worker.counts[:], strict=True)
        return PlainTextResponse("".join(f"serve_{name}_total {count}\n" for name, count in counts))


def find_models(folder):
    """Names of models, and the folder of the highest version of each."""
    models = {}
    for file in sorted(Path(folder).glob("*/*/saved_model.pb")):
        version, name = file.parent.name, file.parent.parent.name
        if version.isdecimal() and int(version) > int(Path(models.get(name, "-1")).name):
            models[name] = str(file.parent)
    return models


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", help="folder with NAME/1/saved_model.pb")
    parser.add_argument("--host", default="127.0.0.1", choices=["127.0.0.1", "0.0.0.0", "::"])
    parser.add_argument("--port", type=int, default=8501)
    parser.add_argument("--workers", type=int, default=1, help="processes, each with all models")
    parser.add_argument("--queue", type=int, default=64, help="most requests that wait; more get a 503")
    parser.add_argument("--max-batch", type=int, default=16, help="most images computed together")
    parser.add_argument("--max-wait", type=float, default=0.005, help="seconds that a batch may wait")
    parser.add_argument("--max-bytes", type=int, default=16 * 2**20, help="largest body of a request")
    parser.add_argument("--max-pixels", type=int, default=4 * 2**20, help="most pixels in a request")
    parser.add_argument("--patience", type=float, default=10, help="seconds that a body may take")
    parser.add_argument("--connections", type=int, default=512, help="most connections at once")
    options = parser.parse_args()
    models = find_models(options.folder)
    if not models:
        parser.error(f"there is no NAME/1/saved_model.pb in {options.folder!r}")
    whole = Whole()
    Impatient.patience = options.patience
    worker = Worker(models, options)
    # For LitServe, a device is a reason to start workers; TensorFlow takes what it finds.
    server = ls.LitServer(
        worker,
        accelerator="cpu",
        workers_per_device=options.workers,
        max_payload_size=options.max_bytes,
        disable_openapi_url=True,
    )
    add_routes(server.app, models, worker)
    state = server.app.state
    state.models, state.options, state.waiting, state.held = models, options, 0, 0
    state.reading = asyncio.Lock()
    # One process for HTTP, so that it counts all that wait.
    server.run(
        options.host,
        options.port,
        1,
        log_level="warning",
        generate_client_file=False,
        http=Impatient,
        limit_concurrency=options.connections,
    )
    sys.exit(1 if whole.failed else 0)


if __name__ == "__main__":
    main()
