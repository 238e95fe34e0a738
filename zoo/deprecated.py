"""Calls in the form of 0.1.0: they work for one version, with a warning that names the new form."""

import functools
import inspect
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def formerly(
    now: str,
    names: Mapping[str, str] | None = None,
    order: Sequence[str] = (),
    is_old: Callable[[tuple], bool] | None = None,
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A decorator: the function also takes the argument names and the order that it had in 0.1.0.

    Args:
        now: The new form, which the warning shows, for instance `"restore(image, model)"`.
        names: For each old keyword the new one.
        order: The old order of the arguments, by their new names. Of two that have become one, the
            later counts, unless it is `None`.
        is_old: Function of the positional arguments that tells whether they are in the old order; by
            default they are if there are more of them than the function has positions for.

    Example:
        >>> @formerly("double(image)", names={"picture": "image"})
        ... def double(image):
        ...     return 2 * image
        >>> with warnings.catch_warnings(record=True) as caught:
        ...     warnings.simplefilter("always")
        ...     double(picture=3)
        6
        >>> print(caught[0].message)
        This form of `double` goes with the next version; use `double(image)`.
    """
    names = names or {}

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        parameters = inspect.signature(function).parameters.values()
        positions = sum(one.kind is one.POSITIONAL_OR_KEYWORD for one in parameters)

        @functools.wraps(function)
        def called(*args: Any, **given: Any) -> R:
            turned = len(args) > positions if is_old is None else is_old(args)
            turned = turned and len(args) <= len(order)
            if turned or not names.keys().isdisjoint(given):
                warnings.warn(
                    f"This form of `{function.__name__}` goes with the next version; use `{now}`.",
                    DeprecationWarning,
                    stacklevel=2,
                )
            for old in names.keys() & given.keys():
                if names[old] in given:
                    raise TypeError(f"{function.__name__}() got both {names[old]!r} and {old!r}")
                given[names[old]] = given.pop(old)
            if turned:
                named = {}
                for name, value in zip(order, args, strict=False):
                    if value is not None or name not in named:
                        named[name] = value
                return function(**named, **given)
            return function(*args, **given)

        return called

    return decorate
