"""REST beside GraphQL, two faces of the same service functions.

Reading order: operation (what is declared: Operation, RestCall, Reply), problems (RFC 9457), openapi (the 3.1 document), docs (its page),
api (RestApi serves them under /v1).
"""

from .api import RestApi, page_reply
from .operation import Link, Operation, PageQuery, Reply, RestCall, RestModel
from .problems import problem_response

__all__ = [
    "Link",
    "Operation",
    "PageQuery",
    "Reply",
    "RestApi",
    "RestCall",
    "RestModel",
    "page_reply",
    "problem_response",
]
