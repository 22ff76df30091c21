/** One field of a protobuf message: a number, or where its bytes are. */
export type Visit = (field: number, value: number, from: number, to: number) => void;

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/**
 * Goes through the fields of one protobuf message (protobuf.dev, "Encoding"), which are `bytes[from..to)`. Fields of a
 * kind that is not used by Kubernetes' API, and anything cut short, are an error.
 *
 * @param visit told each field: of a varint its `value`, of bytes (text, another message) `from` and `to`
 * @throws Error where it is no such message
 */
export function fields(bytes: Buffer, from: number, to: number, visit: Visit): void {
  let at = from;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; at < to; scale *= 128) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    throw new Error('the message is cut short');
  };
  while (at < to) {
    const key = varint();
    const field = Math.floor(key / 8);
    const kind = key % 8;
    if (kind === VARINT) {
      visit(field, varint(), at, at);
      continue;
    }
    const length = kind === BYTES ? varint() : kind === FIXED64 ? 8 : kind === FIXED32 ? 4 : Number.NaN;
    const end = at + length;
    // Also where the length is none.
    if (!(end <= to)) throw new Error('the message is cut short, or of another kind');
    visit(field, 0, at, end);
    at = end;
  }
}

/** One entry of a map of texts. */
export function entry(bytes: Buffer, from: number, to: number): readonly [key: string, value: string] {
  let [key, value] = ['', ''];
  fields(bytes, from, to, (field, _, start, end) => {
    if (field === 1) key = bytes.toString('utf8', start, end);
    if (field === 2) value = bytes.toString('utf8', start, end);
  });
  return [key, value];
}
