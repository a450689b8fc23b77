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
    # Twice read: by our bounded reader above, and by the library that will apply it, on a document of its own.
    _apply_safely(pycrdt.Doc(), update)
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


class CausalOrder:
    """Holds updates back until what they build on has come.

    pycrdt 0.14 makes a wrong text of updates that arrive before what they build on (34 of 40 random orders; Yjs itself does not),
    so here an update is applied only when it fits. Merging updates before they are applied is right in any order.
    """

    def __init__(self) -> None:
        self._clocks: dict[int, int] = {}
        self._held: list[tuple[bytes, UpdateStructure]] = []

    @property
    def held(self) -> list[bytes]:
        """What still waits, in the order of its arrival."""
        return [update for update, _ in self._held]

    def take(self, update: bytes) -> list[bytes]:
        """The updates that can be applied now, in this order. Raises InvalidUpdate for bytes that are none."""
        self._held.append((update, read_update(update)))
        fitting: list[bytes] = []
        while found := next((item for item in self._held if self._fits(item[1])), None):
            self._held.remove(found)
            for item in found[1].written:
                self._clocks[item.client] = max(self._clocks.get(item.client, 0), item.clock + item.length)
            fitting.append(found[0])
        return fitting

    def _fits(self, structure: UpdateStructure) -> bool:
        after = dict(self._clocks)
        for item in sorted(structure.written, key=lambda item: (item.client, item.clock)):
            if item.clock > after.get(item.client, 0):
                return False
            after[item.client] = max(after.get(item.client, 0), item.clock + item.length)
        if any(after.get(item.client, 0) < item.clock + item.length for item in structure.deleted):
            return False
        return all(after.get(client, 0) >= clock for client, clock in structure.needed.items())


class DocumentReader:
    """A server-side copy of one document, for reading its texts. It is thrown away when an update breaks it."""

    def __init__(self, updates: Iterable[bytes] = ()) -> None:
        self._document: pycrdt.Doc[pycrdt.Text] = pycrdt.Doc()
        self._order = CausalOrder()
        for update in updates:
            self.apply(update)

    def apply(self, update: bytes) -> None:
        """Raises InvalidUpdate when the library refuses the update."""
        for fitting in self._order.take(update):
            _apply_safely(self._document, fitting)

    def text(self, name: str) -> str:
        """The content of the text `name`; empty when nobody has written in it."""
        if not self._order.held:
            return str(self._document.get(name, type=pycrdt.Text))
        document: pycrdt.Doc[pycrdt.Text] = pycrdt.Doc()
        _apply_safely(document, pycrdt.merge_updates(self._document.get_update(), *self._order.held))
        return str(document.get(name, type=pycrdt.Text))


def _apply_safely(document: pycrdt.Doc[pycrdt.Text], update: bytes) -> None:
    try:
        document.apply_update(update)
    except BaseException as error:  # a panic of the native code is not an Exception
        if isinstance(error, KeyboardInterrupt | SystemExit | GeneratorExit):
            raise
        raise InvalidUpdate("The update is not a Yjs update that can be applied.", field="input.updates") from error
