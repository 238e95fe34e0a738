"""How long `import imagepde` takes, beside Python itself and Keras with its backend."""

import subprocess
import sys

from timing import median_seconds, table


def main():
    """Whole processes, started anew each time."""

    def run(code):
        command = [sys.executable, "-c", code]
        return median_seconds(lambda: subprocess.run(command, check=True, capture_output=True), 5)

    nothing = run("pass")
    rows = [
        [f"`{code}`", f"{run(code) - nothing:.3f} s"]
        for code in ("import imagepde", "from imagepde import zoo", "import keras")
    ]
    print("## Import\n")
    print(f"Time beyond that of Python itself ({nothing:.3f} s).\n")
    print(table(["", "time"], rows))


if __name__ == "__main__":
    main()
