"""How much memory a benchmark takes, beyond that before it began."""

import threading
from pathlib import Path


class PeakMemory:
    """Context that watches the memory of this process; pages of files do not count.

    Attributes:
        beyond: The most beyond that at the start, in bytes.
    """

    def __enter__(self):
        self._start, self.beyond, self._done = self._now(), 0, threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._done.set()
        self._thread.join()

    @staticmethod
    def _now():
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return 1024 * int(status.split("RssAnon:")[1].split()[0])

    def _watch(self):
        while not self._done.wait(0.01):
            self.beyond = max(self.beyond, self._now() - self._start)
