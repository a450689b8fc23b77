/**
 * The types of Tandem's API, and its operations as typed documents, generated from `documents/` and the supergraph.
 * `SessionById` in documents/session.graphql is here `SessionByIdDocument`, with `SessionByIdQuery` and `...Variables`.
 */
export * from "./generated/graphql.js";
