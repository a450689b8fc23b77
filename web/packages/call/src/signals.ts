/** What two pages tell each other to set a call up: small envelopes in the payload of Tandem's signals. */
export type SignalKind = "OFFER" | "ANSWER" | "CANDIDATE" | "HANG_UP";

export interface Signal {
  readonly kind: SignalKind;
  /** The connection that sends: another one after a reload, so that its words are not taken for the old one's. */
  readonly from: string;
  /** The connection that is meant; null while it is not known. */
  readonly to: string | null;
  readonly sdp?: string;
  /** Of an offer, rising per connection; an answer has its offer's. One that is told again keeps its number. */
  readonly number?: number;
  readonly candidate?: RTCIceCandidateInit | null;
}

export function encodeSignal({ kind: _, ...rest }: Signal): string {
  return JSON.stringify(rest);
}

/** The signal, or null for what is none: the other side may run another version, or write what it likes. */
export function decodeSignal(kind: string, payload: string): Signal | null {
  let value: unknown;
  try {
    value = JSON.parse(payload);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null) return null;
  const { from, to, sdp, number, candidate } = value as Record<string, unknown>;
  if (!isKind(kind) || typeof from !== "string" || (to !== null && typeof to !== "string")) return null;
  if ((kind === "OFFER" || kind === "ANSWER") && (typeof sdp !== "string" || typeof number !== "number")) return null;
  return {
    kind,
    from,
    to,
    ...(typeof sdp === "string" ? { sdp } : {}),
    ...(typeof number === "number" ? { number } : {}),
    ...(candidate === undefined ? {} : { candidate: candidate as RTCIceCandidateInit | null }),
  };
}

function isKind(kind: string): kind is SignalKind {
  return kind === "OFFER" || kind === "ANSWER" || kind === "CANDIDATE" || kind === "HANG_UP";
}
