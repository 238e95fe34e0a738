"""The docstrings of what users import: their sections name what there is, and nothing else.

For `pde` some rules are left out, see `STRICT`.
"""

import ast
import dataclasses
import importlib
import inspect
import re
import textwrap

import pytest

ROOMS = ("pde", "images", "layers", "tasks", "training", "export", "explain", "bulk", "zoo")
STRICT = ROOMS[1:]
"""Rooms in which functions of several parameters need Args, and results and errors are explained."""
SECTIONS = ("Args", "Attributes", "Returns", "Raises", "Example")
EXCEPTIONS = {
    "training.recipes.recipe": "its file is longer than files should be, and gets no more lines",
}
"""What does not comply yet, and why."""


def public():
    """The functions and classes that the rooms name in `__all__`, each once."""
    found = {}
    for room in ROOMS:
        module = importlib.import_module(f"imagepde.{room}")
        for name in module.__all__:
            thing = getattr(module, name)
            if inspect.isclass(thing) or inspect.isroutine(thing):
                found.setdefault(f"{thing.__module__.removeprefix('imagepde.')}.{name}", thing)
    return found


PUBLIC = public()
KEPT = {name: thing for name, thing in PUBLIC.items() if name not in EXCEPTIONS}
FUNCTIONS = {name: thing for name, thing in KEPT.items() if not inspect.isclass(thing)}
CLASSES = {name: thing for name, thing in KEPT.items() if inspect.isclass(thing)}


def is_strict(name):
    return name.partition(".")[0] in STRICT


def summary(thing):
    """The first line."""
    return inspect.getdoc(thing).partition("\n")[0]


def section(thing, title):
    """The lines of a section without their indentation; `None` if there is no such section."""
    found = re.search(rf"^{title}:\n((?: .*\n|\n)*)", inspect.getdoc(thing) + "\n", re.MULTILINE)
    return found and textwrap.dedent(found[1])


def entries(text):
    """The names that a section explains: `name: …`, `first, second: …` or `**rest: …`."""
    heads = re.findall(r"^(\*{0,2}\w+(?:, \w+)*):", text, re.MULTILINE)
    return {name.strip("*") for head in heads for name in head.split(", ")}


def parameters(thing):
    return {name: p for name, p in inspect.signature(thing).parameters.items() if name != "self"}


def for_each(things):
    """Makes a check of one name a test of each room, which says what is wrong with which names."""

    def decorate(check):
        @pytest.mark.parametrize("room", sorted({name.split(".")[0] for name in things}))
        def test(room):
            wrong = []
            for name in things:
                if name.startswith(f"{room}."):
                    try:
                        check(name)
                    except AssertionError as error:
                        wrong.append(f"{name}: {error}")
            assert not wrong, "\n".join(wrong)

        test.__doc__ = check.__doc__
        return test

    return decorate


@for_each(PUBLIC)
def test_it_begins_with_a_sentence(name):
    thing = PUBLIC[name]
    assert vars(thing).get("__doc__") if inspect.isclass(thing) else thing.__doc__
    assert re.search(r"[.?!:]$|←", summary(thing)), "neither a sentence nor an equation"


@for_each(PUBLIC)
def test_sections_are_in_order_and_not_empty(name):
    titles = re.findall(rf"^({'|'.join(SECTIONS)}):$", inspect.getdoc(PUBLIC[name]), re.MULTILINE)
    assert titles == sorted(titles, key=SECTIONS.index)
    assert len(titles) == len(set(titles))
    assert all(section(PUBLIC[name], title).strip() for title in titles)


@for_each(FUNCTIONS)
def test_every_parameter_is_named(name):
    thing, text = FUNCTIONS[name], section(FUNCTIONS[name], "Args")
    variable = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    every = parameters(thing)
    if text is None and (len(every) < 2 or not is_strict(name)):
        return
    assert text is not None, "several parameters, and no Args"
    needed = {key for key, p in every.items() if p.kind not in variable}
    assert needed <= entries(text) <= set(every)


@for_each(CLASSES)
def test_every_field_of_a_class_is_named(name):
    """Arguments are those of the constructor; attributes are fields and whatever else a class has."""
    cls = CLASSES[name]
    args, attributes = (section(cls, title) for title in ("Args", "Attributes"))
    if args is not None:
        assert entries(args) <= set(parameters(cls))
    if attributes is not None:
        assert all(hasattr(cls, key) or key in parameters(cls) for key in entries(attributes))
    if dataclasses.is_dataclass(cls) and not name.startswith(("pde.", "layers.")):
        own = {key for key in vars(cls).get("__annotations__", {}) if key in parameters(cls)}
        assert own <= entries((args or "") + "\n" + (attributes or ""))


@for_each(FUNCTIONS)
def test_what_a_function_returns_is_said(name):
    """Under Returns, or, if it takes one argument at most, by a summary that is no verb."""
    thing = inspect.unwrap(FUNCTIONS[name])
    if thing.__annotations__.get("return", "None") in (None, "None") or not is_strict(name):
        return
    verb = r"(Checks|Compares|Computes|Draws|Fits|Loads|Makes|Opens|Reads|Registers|Writes)\b"
    short = len(parameters(thing)) < 2 and not re.match(verb, summary(thing))
    assert short or section(thing, "Returns") is not None


@for_each(FUNCTIONS)
def test_errors_that_a_function_raises_itself_are_named(name):
    thing = inspect.unwrap(FUNCTIONS[name])
    if not is_strict(name):
        return
    tree = ast.parse(textwrap.dedent(inspect.getsource(thing)))
    raised = {
        node.exc.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Raise)
        and isinstance(node.exc, ast.Call)
        and isinstance(node.exc.func, ast.Name)
        and node.exc.func.id.endswith("Error")
    }
    assert raised <= entries(section(thing, "Raises") or "")
