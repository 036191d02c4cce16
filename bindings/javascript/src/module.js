// The module as a text. Hex compresses better than Base64, because a byte begins where a character does. Of the table of powers of 2
// the text has the powers with one tooth; all others are products of these, which `unpack` multiplies out. They are public constants.

const PACKED = { hex: '@HEX@', n: '@N@', blocks: '@BLOCKS@' };

/** The bytes of an entry: a number mod N, little-endian. The entry of digit `d` is the product of those of its bits. */
const ENTRY = 384;
const DIGITS = 32;

/** Asynchronous, so that a host without `WebAssembly` gives a refusal too. */
export async function compile() {
  return WebAssembly.compile(unpack(PACKED));
}

export function unpack({ hex, n, blocks }) {
  const bytes = new Uint8Array(hex.length / 2 + blocks.length * ENTRY * DERIVED.length);
  const N = BigInt(`0x${n}`);
  let [from, to] = [0, 0];
  const copy = (end) => {
    for (; to < end; from += 2, to += 1) bytes[to] = parseDigit(hex, from) << 4 | parseDigit(hex, from + 1);
  };
  for (const { at, first } of blocks) {
    // Digit 1 of the first block is the number 2 itself, of which the module has no long form.
    const entries = [1n, BigInt(`0x${first}`)];
    copy(at);
    for (let digit = 2; digit < DIGITS; digit += 1) {
      const top = 1 << 31 - Math.clz32(digit);
      if (digit === top) {
        copy(to + ENTRY);
        entries.push(readEntry(bytes, to - ENTRY));
      } else {
        entries.push(entries[digit - top] * entries[top] % N);
        writeEntry(bytes, to, entries[digit]);
        to += ENTRY;
      }
    }
  }
  copy(bytes.length);
  return bytes;
}

const DERIVED = Array.from({ length: DIGITS }, (_, digit) => digit).filter((digit) => digit & (digit - 1));

function parseDigit(hex, at) {
  const code = hex.charCodeAt(at);
  return (code & 15) + 9 * (code >> 6);
}

function readEntry(bytes, at) {
  let hex = '';
  for (let i = ENTRY - 1; i >= 0; i -= 1) hex += HEX_OF[bytes[at + i]];
  return BigInt(`0x${hex}`);
}

function writeEntry(bytes, at, number) {
  const hex = number.toString(16).padStart(2 * ENTRY, '0');
  for (let i = 0; i < ENTRY; i += 1) {
    bytes[at + ENTRY - 1 - i] = parseDigit(hex, 2 * i) << 4 | parseDigit(hex, 2 * i + 1);
  }
}

const HEX_OF = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
