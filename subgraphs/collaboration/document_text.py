"""Turn document updates into readable text, and text into the first update of a Y.Text. The server never re-encodes what clients wrote."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

import pycrdt

from .errors import InvalidUpdate
from .update_format import UpdateStructure, read_update

MAX_SERVER_CLIENT = 2**32 - 1  # Yjs draws its client numbers from 32 bits too


def check_update(update: bytes) -> UpdateStructure:
    """The structure of an update that pycrdt can read as well. Raises InvalidUpdate."""
    structure = read_update(update)
    try:
        # Twice read: by our bounded reader above, and by the library that will apply it, on a document of its own.
        pycrdt.Doc().apply_update(update)
    except BaseException as error:  # a panic of the native code is not an Exception
        if isinstance(error, KeyboardInterrupt | SystemExit | GeneratorExit):
            raise
        raise InvalidUpdate("The update is not a Yjs update that can be applied.", field="input.updates") from error
    return structure


def first_update(text_name: str, content: str) -> tuple[int, bytes]:
    """A client number, and the update by which that client writes the first content of an empty text.

    It is made in a document of its own, so it refers to nothing that clients wrote.
    """
    client = secrets.randbelow(MAX_SERVER_CLIENT) + 1
    document: pycrdt.Doc[pycrdt.Text] = pycrdt.Doc(client_id=client)
    text = document.get(text_name, type=pycrdt.Text)
    text += content
    return client, document.get_update()


class DocumentReader:
    """A server-side copy of one document, for reading its texts. It is thrown away when an update breaks it."""

    def __init__(self, updates: Iterable[bytes] = ()) -> None:
        self._document: pycrdt.Doc[pycrdt.Text] = pycrdt.Doc()
        for update in updates:
            self.apply(update)

    def apply(self, update: bytes) -> None:
        """Raises InvalidUpdate when the library refuses the update."""
        try:
            self._document.apply_update(update)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt | SystemExit | GeneratorExit):
                raise
            raise InvalidUpdate("The update cannot be applied.") from error

    def text(self, name: str) -> str:
        """The content of the text `name`; empty when nobody has written in it."""
        return str(self._document.get(name, type=pycrdt.Text))
