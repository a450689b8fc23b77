"""The matching subgraph's benchmark: how fast people are paired, and that it does not depend on how many wait.

Read in this order: population (who waits, who arrives), engine (our services without the network), nakama (an in-memory interval matcher to
compare with), plans (the query plans), chart (the picture), run (the measurement).
"""
