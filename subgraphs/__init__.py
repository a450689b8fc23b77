"""The product: four federated Strawberry subgraphs on one chassis.

Reading order: kit (the chassis, no domain), users, questions, matching, collaboration, registry.
`python -m subgraphs` serves, migrates and exports any of them.
"""
