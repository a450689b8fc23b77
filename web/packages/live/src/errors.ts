/** What can go wrong with an operation, as one class with a code that programs can decide on. */
export interface GraphQLErrorJson {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: { readonly code?: string; readonly [key: string]: unknown };
}

/** The operation did not get an answer: no network, a timeout, a gateway that is not there. Trying again may help. */
export class ConnectionLost extends Error {
  readonly code = "CONNECTION_LOST";

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ConnectionLost";
  }
}

/** The gateway answered with errors and no data. */
export class OperationRefused extends Error {
  readonly code: string;
  readonly errors: readonly GraphQLErrorJson[];

  constructor(errors: readonly GraphQLErrorJson[]) {
    super(errors.map((error) => error.message).join("; ") || "The gateway refused the operation.");
    this.name = "OperationRefused";
    this.errors = errors;
    this.code = errors[0]?.extensions?.code ?? "UNKNOWN";
  }

  /** Whether a new access token may help. */
  get isAboutLogin(): boolean {
    return LOGIN_CODES.has(this.code);
  }

  /** Whether the same operation can never succeed, however often it is sent. */
  get isFinal(): boolean {
    return FINAL_CODES.has(this.code);
  }
}

const LOGIN_CODES = new Set(["NOT_AUTHENTICATED", "UNAUTHENTICATED", "UNAUTHORIZED"]);
const FINAL_CODES = new Set([
  "NOT_FOUND",
  "NOT_ALLOWED",
  "FORBIDDEN",
  "INVALID_INPUT",
  "BAD_USER_INPUT",
  "BAD_REQUEST",
  "GRAPHQL_PARSE_FAILED",
  "GRAPHQL_VALIDATION_FAILED",
  "SESSION_CLOSED",
]);
