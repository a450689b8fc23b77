"""Measure the collaboration subgraph: from one person's key to the other's screen, joining late, idle participants, running code.

Reading order: stage (the processes that are measured), people (who types and who reads), typing (key to peer), joining, execution, run.
"""
