"""All benchmarks in one run, as the page `docs/benchmarks.md`."""

import os
import platform

import blade
import eed
import evolution
import families
import imports
import precision
import problems
import restoring
import spline
import tensorflow as tf

if __name__ == "__main__":
    print("# Benchmarks\n")
    print("This page is made by `make docs`. Machines differ: compare the ratios.\n")
    print(
        f"{os.cpu_count()} processors ({platform.machine()}), TensorFlow {tf.__version__}, "
        f"Python {platform.python_version()}.\n"
    )
    for benchmark in (imports, spline, evolution, families, precision, eed, blade, problems, restoring):
        benchmark.main()
