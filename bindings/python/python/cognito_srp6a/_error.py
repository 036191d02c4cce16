"""The exceptions. They carry no secret and no text of the input."""

from __future__ import annotations


class Error(Exception):
    """Why an input was refused or a step failed.

    `kind` is the rule's name, such as `Missing`, `TooLong` or `NotBase64`: a variant of the Rust crate's `Error`, or `NotUnicode`,
    `Naive` or `AlreadyAnswered`. `parameter` is the parameter at fault as AWS writes it, if there is one.
    """

    kind: str
    parameter: str | None

    def __init__(self, message: str, kind: str, parameter: str | None = None) -> None:
        super().__init__(message, kind, parameter)
        self.kind = kind
        self.parameter = parameter

    def __str__(self) -> str:
        return str(self.args[0])


class ParameterError(Error, ValueError):
    """A parameter is missing or refused. `parameter` names it."""


class NotAuthorizedError(Error):
    """The server's half refuses a claim, a password or a `SECRET_HASH`."""


class AlreadyAnsweredError(Error):
    """The sign-in has been answered. Each answer needs a sign-in of its own."""
