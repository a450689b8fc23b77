"""Subgraphs as an organisation grows them: entities that several services extend, shared value types, enums, inputs, connections."""

from __future__ import annotations

import random

from gateway.composition import SubgraphDefinition

LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9",'
    ' import: ["@key", "@shareable", "@external", "@requires", "@provides", "@tag", "@inaccessible"])\n'
)
SHARED = """
interface Node { id: ID! }
type PageInfo @shareable { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
type Money @shareable { amount: Int! currency: Currency! }
enum Currency { EUR USD GBP JPY }
scalar DateTime
"""
ENTITIES = 5  # that each subgraph owns
FOREIGN = 6  # entities of earlier subgraphs that it adds fields to


def generate(count: int, seed: int = 7) -> list[SubgraphDefinition]:
    """Return `count` subgraphs that compose; subgraph i refers to a few earlier ones, so the total grows linearly."""
    random_ = random.Random(seed)
    return [
        SubgraphDefinition(f"s{index:03}", f"http://s{index:03}/graphql", _subgraph(index, random_))
        for index in range(count)
    ]


def _subgraph(index: int, random_: random.Random) -> str:
    own = [f"Entity{index:03}x{number}" for number in range(ENTITIES)]
    parts = [LINK, SHARED, "type Query {"]
    for name in own:
        field = name[0].lower() + name[1:]
        parts.append(f"  {field}(id: ID!): {name}")
        parts.append(f"  {field}List(first: Int = 20, after: String, filter: {name}Filter): {name}Connection!")
    parts += ["}", "type Mutation {"]
    parts += [f"  save{name}(input: {name}Input!): {name}" for name in own]
    parts.append("}")
    for name in own:
        parts.append(_entity(name, random_.choice(own)))
    parts += [_extension(index, f"Entity{other:03}x{random_.randrange(ENTITIES)}") for other in _others(index, random_)]
    return "\n".join(parts) + "\n"


def _others(index: int, random_: random.Random) -> list[int]:
    return sorted(random_.sample(range(index), min(FOREIGN, index)))


def _entity(name: str, other: str) -> str:
    return f'''
"""{name}: something that one team looks after."""
type {name} implements Node @key(fields: "id") @key(fields: "sku") {{
  id: ID!
  sku: String!
  name(language: String = "en"): String!
  price: Money @tag(name: "public")
  weight: Float
  status: {name}Status!
  createdAt: DateTime!
  related: [{other}!]!
  internalNote: String @inaccessible
}}
type {name}Connection {{ edges: [{name}Edge!]! pageInfo: PageInfo! totalCount: Int }}
type {name}Edge {{ cursor: String! node: {name}! }}
enum {name}Status {{ DRAFT ACTIVE ARCHIVED }}
input {name}Filter {{ status: [{name}Status!] nameContains: String minPrice: Int }}
input {name}Input {{ sku: String! name: String! status: {name}Status = DRAFT }}
union {name}Result = {name} | PageInfo'''


def _extension(index: int, name: str) -> str:
    return f"""
type {name} @key(fields: "id") {{
  id: ID!
  weight: Float @external
  shipping{index:03}: Money @requires(fields: "weight")
  notes{index:03}: [String!]!
}}"""
