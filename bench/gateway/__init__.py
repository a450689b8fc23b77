"""The gateway's benchmark: a federated shop, fast subgraphs, a lean load driver, and other gateways beside ours.

Read in this order: catalogue (the data), subgraphs (who serves it), engine_app (our pipeline with the thinnest server),
load (the driver), contenders (what is measured), run (the measurement), chart (the picture).
"""
