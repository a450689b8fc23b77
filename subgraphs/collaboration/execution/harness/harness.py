"""Runs inside the sandbox: load a Python solution, call its function for each case, answer on a descriptor of its own."""

import contextlib
import json
import os
import sys
import traceback
from typing import Any


def serve(cases_fd: int, results_fd: int) -> None:
    """Answer case after case until there are no more."""
    sys.setrecursionlimit(20_000)
    os.set_inheritable(cases_fd, False)
    os.set_inheritable(results_fd, False)
    cases = os.fdopen(cases_fd, encoding="utf-8", newline="\n")

    def answer(nonce: str, kind: str, payload: str = "") -> None:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):
                stream.flush()
        data = f"{nonce}\t{kind}\t{payload}\n".encode("utf-8", "replace")
        while data:
            data = data[os.write(results_fd, data) :]

    def raised(nonce: str, error: BaseException) -> None:
        with contextlib.suppress(Exception):
            # Without the frame of this file, which is nobody's business.
            below = error.__traceback__.tb_next if error.__traceback__ else None
            traceback.print_exception(type(error), error, below, limit=-8)
        answer(nonce, "raised", type(error).__name__)

    nonce, name = cases.readline().rstrip("\n").split("\t")
    try:
        function = load(name)
    except BaseException as error:
        raised(nonce, error)
        return
    if function is None:
        answer(nonce, "missing")
        return
    answer(nonce, "ready")
    for line in cases:
        nonce, args = line.rstrip("\n").split("\t", 1)
        try:
            value = json.dumps(function(*json.loads(args)), separators=(",", ":"))
        except BaseException as error:
            raised(nonce, error)
        else:
            answer(nonce, "result", value)


def load(name: str) -> Any:
    """The function of this name in the solution, or a method of its class Solution; None when it has neither."""
    scope: dict[str, Any] = {"__name__": "solution", "__builtins__": __builtins__}
    with open("/box/solution.py", encoding="utf-8") as file:
        exec(compile(file.read(), "solution.py", "exec"), scope)
    function = scope.get(name)
    if function is None and isinstance(scope.get("Solution"), type):
        function = getattr(scope["Solution"](), name, None)
    return function if callable(function) else None


if __name__ == "__main__":
    serve(int(sys.argv[1]), int(sys.argv[2]))
