"""The benchmark's data: a small shop of our own, with as many users, products and reviews as the Guild's, and texts as long."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, TypeAlias

import orjson

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


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Users, products and reviews as rows, and the rules of the original subgraphs."""

    users: list[Row]
    products: list[Row]
    reviews: list[Row]
    in_stock: dict[str, bool]

    def author_of(self, _review: Row) -> Row:
        """Every review is by the first user."""
        return self.users[0]

    def reviews_of_user(self, _user: Row) -> list[Row]:
        """Every user has the first two reviews."""
        return self.reviews[:2]

    def reviews_of_product(self, product: Row) -> list[Row]:
        """The reviews about a product."""
        return [review for review in self.reviews if review["upc"] == product["upc"]]

    def product_of(self, review: Row) -> Row:
        """The product that a review is about."""
        return next(product for product in self.products if product["upc"] == review["upc"])

    def shipping_estimate(self, product: Row) -> int:
        """Free above 1000, else half the weight; needs price and weight from another subgraph."""
        return 0 if product["price"] > 1000 else round(product["weight"] * 0.5)


def our_catalogue() -> Catalogue:
    """The data of our own."""
    return Catalogue(
        users=[
            {"__typename": "User", "id": str(number), "name": name, "username": username, "birthday": 1234567890}
            for number, (name, username) in enumerate(NAMES, 1)
        ],
        products=[
            {"__typename": "Product", "upc": str(number), "name": name, "price": price, "weight": weight}
            for number, (name, price, weight) in enumerate(PRODUCTS, 1)
        ],
        reviews=[
            {"__typename": "Review", "id": str(number), "body": review_text(length, number), "upc": upc}
            for number, (length, upc) in enumerate(REVIEWS, 1)
        ],
        in_stock={str(number): str(number) not in OUT_OF_STOCK for number in range(1, len(PRODUCTS) + 1)},
    )


def catalogue_from_file(path: Path) -> Catalogue:
    """The data of a file in the form of the original benchmark's."""
    data = orjson.loads(path.read_bytes())
    return Catalogue(
        users=[{"__typename": "User", **row} for row in data["users"]],
        products=[{"__typename": "Product", **row} for row in data["products"]],
        reviews=[{"__typename": "Review", **row} for row in data["reviews"]],
        in_stock=data["inventory"],
    )


def review_text(length: int, seed: int) -> str:
    """A text of exactly `length` characters, the same every time."""
    random = Random(seed)
    text = " ".join(random.choice(WORDS) for _ in range(length))
    return text[: length - 1].rstrip().ljust(length - 1, ".") + "."
