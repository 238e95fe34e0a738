"""The exceptions that imagepde raises for what a caller gave it."""


class InputError(ValueError):
    """What the caller passed in cannot be used.

    The message is one sentence with the rule, the remedy and what was received. Every check of
    user input in imagepde raises this class, so that the command line can tell bad input
    (one line, exit code 2) from a defect of its own (a traceback).
    """
