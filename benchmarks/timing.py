"""How the benchmarks measure: the median of several calls, and ratios within one run."""

import statistics
import time


def median_seconds(function, repeats=7):
    """Median time of a call, after one call that compiles; the result is fetched each time."""
    function()
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def first_seconds(function):
    """Time of the very first call."""
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def table(header, rows):
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines) + "\n"
