/** One large update (a paste, an undone deletion) as several that the server takes: the same structs, cut at text positions. */
import * as Y from "yjs";

/** Text of one piece, in UTF-16 units: at most three bytes each. */
const PIECE_UNITS = 16_000;

/** The update itself when it is small enough; otherwise updates that make the same of a document when applied in this order. */
export function split(update: Uint8Array, maxBytes: number): Uint8Array[] {
  if (update.length <= maxBytes) return [update];
  const { structs } = Y.decodeUpdate(update);
  const pieces: Uint8Array[] = [];
  for (const struct of structs) {
    if (struct instanceof Y.Skip) continue;
    let start = 0;
    for (const end of ends(struct)) {
      pieces.push(piece(struct, start, end));
      start = end;
    }
  }
  pieces.push(deletionsOf(update, structs));
  return joined(pieces, maxBytes);
}

type Struct = ReturnType<typeof Y.decodeUpdate>["structs"][number];

/** Where the pieces of a struct end; never between the two halves of a character. */
function ends(struct: Struct): number[] {
  if (!(struct instanceof Y.Item && struct.content instanceof Y.ContentString)) return [struct.length];
  const text = struct.content.str;
  const found: number[] = [];
  for (let end = PIECE_UNITS; end < text.length; end += PIECE_UNITS) {
    const unit = text.charCodeAt(end - 1);
    if (unit >= 0xd800 && unit <= 0xdbff) end -= 1;
    found.push(end);
  }
  return [...found, text.length];
}

function piece(struct: Struct, start: number, end: number): Uint8Array {
  let part = struct;
  if (struct instanceof Y.Item && struct.content instanceof Y.ContentString && end < struct.length) {
    const { id, origin, left, right, rightOrigin, parent, parentSub, content } = struct;
    part = new Y.Item(id, left, origin, right, rightOrigin, parent, parentSub, new Y.ContentString(content.str.slice(0, end)));
  }
  const encoder = new Y.UpdateEncoderV1();
  part.write(encoder, start);
  // One client with one struct that begins at this clock, and nothing deleted.
  const header = [1, 1, struct.id.client, struct.id.clock + start].flatMap(varUint);
  return Uint8Array.from([...header, ...encoder.toUint8Array(), 0]);
}

/** A number as lib0 writes it: seven bits a byte, the lowest first. */
function varUint(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push(128 + (rest % 128));
  }
}

/** The update without what it writes. */
function deletionsOf(update: Uint8Array, structs: readonly Struct[]): Uint8Array {
  const written = new Map<number, number>();
  for (const { id, length } of structs) written.set(id.client, Math.max(written.get(id.client) ?? 0, id.clock + length));
  return Y.diffUpdate(update, Y.encodeStateVector(written));
}

/** Neighbours put together as long as they stay small enough. */
function joined(pieces: readonly Uint8Array[], maxBytes: number): Uint8Array[] {
  const groups: Uint8Array[][] = [];
  let bytes = 0;
  for (const one of pieces) {
    const group = groups.at(-1);
    if (group && bytes + one.length <= maxBytes) {
      group.push(one);
      bytes += one.length;
    } else {
      groups.push([one]);
      bytes = one.length;
    }
  }
  return groups.map((group) => (group.length === 1 ? (group[0] as Uint8Array) : Y.mergeUpdates(group)));
}
