"""`python -m imagepde` is the `imagepde` command."""

from .main import main

main()
