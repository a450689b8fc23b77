"""The answers to the two operations, put together by hand from the catalogue: what every gateway must answer."""

from __future__ import annotations

from typing import Any

from .catalogue import Catalogue, Row


def heavy_answer(catalogue: Catalogue) -> dict[str, Any]:
    """`data` of operations/heavy.graphql."""
    return {
        "users": [
            {
                **_person(user),
                "reviews": [
                    {**_opinion(review), "product": _item_with_reviews(catalogue, catalogue.product_of(review))}
                    for review in catalogue.reviews_of_user(user)
                ],
            }
            for user in catalogue.users
        ],
        "topProducts": [_item_with_reviews(catalogue, product) for product in catalogue.products[:5]],
    }


def simple_answer(catalogue: Catalogue) -> dict[str, Any]:
    """`data` of operations/simple.graphql."""
    keys = ("upc", "name", "price")
    return {"topProducts": [{key: product[key] for key in keys} for product in catalogue.products[:5]]}


def _person(user: Row) -> Row:
    return {key: user[key] for key in ("id", "username", "name")}


def _opinion(review: Row) -> Row:
    return {key: review[key] for key in ("id", "body")}


def _item(catalogue: Catalogue, product: Row) -> Row:
    return {
        "inStock": catalogue.in_stock[product["upc"]],
        "name": product["name"],
        "price": product["price"],
        "shippingEstimate": catalogue.shipping_estimate(product),
        "upc": product["upc"],
        "weight": product["weight"],
    }


def _item_with_reviews(catalogue: Catalogue, product: Row) -> Row:
    reviews = [
        {**_opinion(review), "author": _author(catalogue, catalogue.author_of(review))}
        for review in catalogue.reviews_of_product(product)
    ]
    return {**_item(catalogue, product), "reviews": reviews}


def _author(catalogue: Catalogue, user: Row) -> Row:
    reviews = [
        {**_opinion(review), "product": _item(catalogue, catalogue.product_of(review))}
        for review in catalogue.reviews_of_user(user)
    ]
    return {**_person(user), "reviews": reviews}
