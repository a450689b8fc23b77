"""From a query plan to the answer. What is known per operation is compiled once; a request only sends, merges and projects.

Read in this order:
    operation_cache     text -> parsed, validated, planned, compiled, and kept
    variables           the client's variables, coerced
    compiled_plan       QueryPlan -> bytes and functions
      answer_shapes, sharing    what each fetch brings, and where objects may be shared
      gather, representations   objects of the tree -> representations
      answer_selection, projection    the client's selections -> a function that shapes the answer
    executor            the entry: execute and subscribe
      running_fetch     one request of a plan on its way
      plan_run          fetches, each as soon as it can start; merges their answers
      single_fetch      what `plan_run` does, where one fetch is all
      fetch_request     what is sent for a fetch, and what is told of it
      joined_fetches    fetches of one subgraph that become ready together: one request
      context_arguments, introspection, subgraph_answer   special inputs, and what comes back
      answer            the end of a run: fast `projection`, or `completion` with nulls and errors
      failures, error_list, leaf_values   errors in the client's terms
      defer, delivery   answers in parts
      subscribe         one answer after the other
"""

from .compiled_plan import CompiledPlan, compile_plan
from .executor import Executor
from .operation_cache import (
    OperationCache,
    OperationCacheSettings,
    OperationPlanner,
    OperationRejected,
    PreparedOperation,
)
from .request_context import FetchEvent, RequestContext
from .result import ExecutionResult
from .settings import ExecutionSettings
from .variables import InvalidVariables, VariableCoercion

__all__ = [
    "CompiledPlan",
    "ExecutionResult",
    "ExecutionSettings",
    "Executor",
    "FetchEvent",
    "InvalidVariables",
    "OperationCache",
    "OperationCacheSettings",
    "OperationPlanner",
    "OperationRejected",
    "PreparedOperation",
    "RequestContext",
    "VariableCoercion",
    "compile_plan",
]
