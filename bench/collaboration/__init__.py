"""Measure the collaboration subgraph: from one person's key to the other's screen, joining late, idle participants, running code.

Reading order: system (processes and what they use), stage (our system), people (who uses it), peers (Hocuspocus and y-websocket, and
who uses them), typing_load (key to peer, and as fast as it goes), measure (joining, idling, running code), chart, run.
"""
