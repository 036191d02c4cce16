// What `benches/peers/runners/bigint.js` takes from node's `crypto`, for a browser.

import { Sha256 } from '@aws-crypto/sha256-js';
import { Buffer } from 'buffer/';

class Hash {
  constructor(key) {
    this.state = new Sha256(key);
  }

  update(part) {
    this.state.update(typeof part === 'string' ? new TextEncoder().encode(part) : part);
    return this;
  }

  digest(encoding) {
    const bytes = Buffer.from(this.state.digestSync());
    return encoding ? bytes.toString(encoding) : bytes;
  }
}

const createHash = () => new Hash();
const createHmac = (_, key) => new Hash(key);
const randomBytes = (length) => Buffer.from(crypto.getRandomValues(new Uint8Array(length)));

function hkdfSync(_, input, salt, info, length) {
  const prk = createHmac('sha256', salt).update(input).digest();
  return createHmac('sha256', prk).update(`${info}\u0001`).digest().subarray(0, length);
}

export default { createHash, createHmac, hkdfSync, randomBytes };
export { createHash, createHmac, hkdfSync, randomBytes };
