"""The benchmark's data: a small shop of our own, with as many users, products and reviews as the Guild's, and texts as long."""

from __future__ import annotations

from random import Random
from typing import Any, TypeAlias

Row: TypeAlias = dict[str, Any]

# Lengths of the reviews' texts and the products they are about.
REVIEWS = (
    (445, "1"), (289, "1"), (275, "1"), (143, "1"), (445, "2"), (289, "2"), (275, "2"), (143, "2"),
    (143, "3"), (143, "4"), (844, "4"),
)  # fmt: skip
NAMES = (
    ("Ada Lindqvist", "adalind"), ("Bruno Okafor", "brunookafor"), ("Chiara Nakamura", "chiaranakam"),
    ("Dmitri Ferreira", "dmitrif"), ("Elif Sørensen", "elifsorens"), ("Farid Kowalski", "faridk"),
)  # fmt: skip
PRODUCTS = (
    ("Bench", 749, 120), ("Shelf", 1199, 900), ("Mug", 12, 30), ("Stool", 449, 110), ("Radio", 1349, 950),
    ("Desk", 7099, 280), ("Stove", 3899, 2100), ("Piano", 98000, 6200), ("Wardrobe", 9899, 820),
)  # fmt: skip
OUT_OF_STOCK = frozenset({"2", "3", "4", "8"})
WORDS = (
    "sturdy", "legs", "arrived", "quickly", "the", "colour", "is", "warmer", "than", "pictured", "but", "pleasant", "and",
    "after", "a", "month", "of", "daily", "use", "it", "still", "looks", "new", "would", "buy", "again", "for", "my", "sister",
)  # fmt: skip

users: list[Row] = [
    {"__typename": "User", "id": str(number), "name": name, "username": username, "birthday": 1234567890}
    for number, (name, username) in enumerate(NAMES, 1)
]
products: list[Row] = [
    {"__typename": "Product", "upc": str(number), "name": name, "price": price, "weight": weight}
    for number, (name, price, weight) in enumerate(PRODUCTS, 1)
]


def review_text(length: int, seed: int) -> str:
    """A text of exactly `length` characters, the same every time."""
    random = Random(seed)
    text = " ".join(random.choice(WORDS) for _ in range(length))
    return text[: length - 1].rstrip().ljust(length - 1, ".") + "."


reviews: list[Row] = [
    {"__typename": "Review", "id": str(number), "body": review_text(length, number), "upc": upc}
    for number, (length, upc) in enumerate(REVIEWS, 1)
]


def author_of(_review: Row) -> Row:
    """Every review is by the first user, as in the original."""
    return users[0]


def reviews_of_user(_user: Row) -> list[Row]:
    """Every user has the first two reviews, as in the original."""
    return reviews[:2]


def reviews_of_product(product: Row) -> list[Row]:
    """The reviews about a product."""
    return [review for review in reviews if review["upc"] == product["upc"]]


def shipping_estimate(product: Row) -> int:
    """Free above 1000, else half the weight; needs price and weight from another subgraph."""
    return 0 if product["price"] > 1000 else round(product["weight"] * 0.5)
