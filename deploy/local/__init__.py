"""All of Tandem on one machine, as separate processes.

Reading order: postgres (a private server under .data/), ports, processes (start, watch, stop), plan (which processes with which
environment), up (the command), demo (two simulated people), `__main__`.
"""
