"""How the benchmarks measure: the median or the fastest of several calls, and ratios within one run."""

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


def fastest_in_turns(calls, least=3, most=30, enough=2.0):
    """Seconds of the fastest call of each function, in turns, after one call that prepares.

    Args:
        calls: Functions without arguments.
        least: So often each is called.
        most: So often at most.
        enough: After so many seconds of its calls a function is not called again.
    """
    for call in calls:
        call()
    found = [[] for _ in calls]
    for number in range(most):
        for call, seconds in zip(calls, found, strict=True):
            if number < least or sum(seconds) < enough:
                start = time.perf_counter()
                call()
                seconds.append(time.perf_counter() - start)
    return [min(seconds) for seconds in found]


def table(header, rows):
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines) + "\n"
