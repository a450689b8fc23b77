"""What can be wrong with a bank of questions: problems that name file, field, what is wrong and what would be right."""

from __future__ import annotations

from dataclasses import dataclass

MAX_SHOWN = 50  # problems written into one message; the attribute holds all of them


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend, e.g. in `two-fares.yaml`, `difficulty`: is 'Eazy'; right: one of Easy, Medium, Hard."""

    file: str
    field: str
    wrong: str
    right: str

    def __str__(self) -> str:
        place = f"{self.file}: {self.field}" if self.field else self.file
        return f"{place}: {self.wrong}. Right would be: {self.right}"


class BankError(Exception):
    """Raised when a bank cannot be loaded; `problems` has everything that was found, in the order of the files."""

    code = "QUESTION_BANK_INVALID"

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        lines = [str(problem) for problem in problems[:MAX_SHOWN]]
        if len(problems) > MAX_SHOWN:
            lines.append(f"... and {len(problems) - MAX_SHOWN} more")
        super().__init__(f"{len(problems)} problem(s) in the question bank:\n" + "\n".join(lines))
