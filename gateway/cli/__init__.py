"""The commands of the gateway, one file each; `python -m gateway --help` lists them.

A file of this folder that has `register(app)` is a command, or several: nothing else has to be told about it.
"""

from __future__ import annotations
