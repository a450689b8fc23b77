"""The answer to the heavy operation, put together by hand from the catalogue: what every gateway must answer."""

from __future__ import annotations

from typing import Any

from . import catalogue
from .catalogue import Row


def heavy_answer() -> dict[str, Any]:
    """`data` of operations/heavy.graphql."""
    return {
        "users": [
            {
                **_person(user),
                "reviews": [
                    {**_opinion(review), "product": _item_with_reviews(_product_of(review))}
                    for review in catalogue.reviews_of_user(user)
                ],
            }
            for user in catalogue.users
        ],
        "topProducts": [_item_with_reviews(product) for product in catalogue.products[:5]],
    }


def simple_answer() -> dict[str, Any]:
    """`data` of operations/simple.graphql."""
    return {
        "topProducts": [{key: product[key] for key in ("upc", "name", "price")} for product in catalogue.products[:5]]
    }


def _person(user: Row) -> Row:
    return {key: user[key] for key in ("id", "username", "name")}


def _opinion(review: Row) -> Row:
    return {key: review[key] for key in ("id", "body")}


def _product_of(review: Row) -> Row:
    return next(product for product in catalogue.products if product["upc"] == review["upc"])


def _item(product: Row) -> Row:
    return {
        "inStock": product["upc"] not in catalogue.OUT_OF_STOCK,
        "name": product["name"],
        "price": product["price"],
        "shippingEstimate": catalogue.shipping_estimate(product),
        "upc": product["upc"],
        "weight": product["weight"],
    }


def _item_with_reviews(product: Row) -> Row:
    reviews = [
        {**_opinion(review), "author": _author(catalogue.author_of(review))}
        for review in catalogue.reviews_of_product(product)
    ]
    return {**_item(product), "reviews": reviews}


def _author(user: Row) -> Row:
    reviews = [
        {**_opinion(review), "product": _item(_product_of(review))} for review in catalogue.reviews_of_user(user)
    ]
    return {**_person(user), "reviews": reviews}
