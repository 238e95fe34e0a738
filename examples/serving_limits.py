"""What keeps `serve.py` from being held up: slow connections end, and its processes end together."""

import multiprocessing
import os
import select
import signal
import sys
import threading
import time

from uvicorn.protocols.http.auto import AutoHTTPProtocol

END_AFTER = 8.0
"""Seconds that the processes have to end by themselves."""

LONGEST = 90.0
"""Seconds after which a request that is not answered, or whose answer is not taken, is given up."""


class Impatient(AutoHTTPProtocol):
    """HTTP with an end for those who connect and send no request, or do not take the answer."""

    def connection_made(self, transport):
        """Looks at the connection from time to time as long as it is there."""
        super().connection_made(transport)
        self.last, self.since = None, time.monotonic()
        self.loop.call_later(Impatient.patience, self._look)

    def _look(self):
        if self.transport.is_closing():
            return
        if self.cycle is not self.last:
            self.last, self.since = self.cycle, time.monotonic()
        if self.cycle is None or self.cycle.response_complete:
            self.transport.close()
        elif time.monotonic() - self.since > LONGEST:
            self.transport.abort()
        else:
            self.loop.call_later(Impatient.patience, self._look)


def end_with(parent):
    """Ends this process when its parent has ended, however that was."""

    def watch():
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


class Whole:
    """Lets all processes of the server end together: by a signal, or when one of them has died."""

    def __init__(self):
        self.server, self.ends, self.failed = os.getpid(), threading.Event(), False
        self.pipes, self.lifelines = [], []
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end)
        # The process for HTTP, and the manager of LitServe, are forks of this one. Each alone holds the
        # end of a pipe, which closes with it, however soon it dies.
        os.register_at_fork(
            before=lambda: self.pipes.append(os.pipe()),
            after_in_parent=self._keep,
            after_in_child=self._live,
        )
        threading.Thread(target=self._watch, daemon=True).start()

    def _keep(self):
        lifeline, held = self.pipes.pop()
        os.close(held)
        self.lifelines.append(lifeline)

    def _live(self):
        os.close(self.pipes.pop()[0])
        end_with(os.getppid())

    def _end(self, *_):
        """Lets `kill` end the server as Ctrl+C does."""
        # The process for HTTP inherits this, and repeats the signal after it has closed.
        if os.getpid() == self.server and not self.ends.is_set():
            self.ends.set()
            raise KeyboardInterrupt

    def _watch(self):
        seen = set()
        while not self.ends.wait(0.5):
            # Workers, which are started anew instead of forked, need long enough to be seen alive.
            alive = set(multiprocessing.active_children())
            seen |= alive
            if seen - alive or select.select(self.lifelines, [], [], 0)[0]:
                self.failed = True
                print("A process of the server has died; it ends.", file=sys.stderr, flush=True)
                os.kill(self.server, signal.SIGTERM)
                break
        # What does not end by itself is ended.
        time.sleep(END_AFTER)
        for child in seen | set(multiprocessing.active_children()):
            child.kill()
        os._exit(1)
