"""How long imports and commands take from their start, beside Python itself and TensorFlow.

The last line keeps what XLA compiles in a folder that the line before it filled
(`TF_XLA_FLAGS=--tf_xla_persistent_cache_directory=FOLDER`).
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from skimage import data
from skimage.io import imsave
from timing import fastest_in_turns, table


def main():
    """Whole processes, started anew each time, in turns."""
    with tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder, "given.png"), Path(folder, "made.png")
        imsave(given, data.camera())
        restore = ["-m", "imagepde", "restore", given, made, "--model"]
        kept = {"TF_XLA_FLAGS": f"--tf_xla_persistent_cache_directory={folder}/compiled"}
        runs = {
            "Python itself": (["-c", "pass"], {}),
            "`import imagepde`": (["-c", "import imagepde"], {}),
            "`import tensorflow`": (["-c", "import tensorflow"], {}),
            "`from imagepde import zoo; zoo.load`": (["-c", "from imagepde import zoo; zoo.load"], {}),
            "`imagepde --help`": (["-m", "imagepde", "--help"], {}),
            "`imagepde list`": (["-m", "imagepde", "list"], {}),
            "`imagepde show trd.gauss25`": (["-m", "imagepde", "show", "trd.gauss25"], {}),
            "`imagepde restore`, an unknown model": ([*restore, "trd.gauss24"], {}),
            "`imagepde restore`, 512², `trd.gauss25`": ([*restore, "trd.gauss25"], {}),
            "the same, compiled parts kept on the disk": ([*restore, "trd.gauss25"], kept),
        }

        def call(arguments, variables):
            command = [sys.executable, *map(str, arguments)]
            subprocess.run(command, capture_output=True, env={**os.environ, **variables})

        calls = [lambda run=run: call(*run) for run in runs.values()]
        seconds = fastest_in_turns(calls, least=3, most=10, enough=4)
    beside = seconds[list(runs).index("`import tensorflow`")]
    rows = [[name, f"{s:.2f} s", f"{s / beside:.2f}"] for name, s in zip(runs, seconds, strict=True)]
    print("## From the start\n")
    print("Whole processes, the fastest of several in turns; ratios to `import tensorflow`.\n")
    print(table(["", "time", "ratio"], rows))


if __name__ == "__main__":
    main()
