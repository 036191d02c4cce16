// A passkey and its browser, in software (WebAuthn level 3): `authenticator.py` in JavaScript, and what a browser makes of it.
'use strict';

const { createHash, generateKeyPairSync, randomBytes, sign } = require('node:crypto');

// The page that the user has open. The pool's passkeys belong to `localhost`.
const ORIGIN = 'http://localhost:3000';
const [USER_PRESENT, USER_VERIFIED, ATTESTED] = [1, 4, 64];

/** An ES256 key without an attestation. */
class Passkey {
  #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  id = randomBytes(32);

  /** RegistrationResponseJSON for the options of StartWebAuthnRegistration. */
  create(options) {
    const [x, y] = ['x', 'y'].map((name) => Buffer.from(this.#keys.publicKey.export({ format: 'jwk' })[name], 'base64url'));
    // COSE_Key in CBOR (RFC 9053): kty EC2, alg ES256, crv P-256.
    const cose = Buffer.concat([Buffer.from('a5010203262001215820', 'hex'), x, Buffer.from('225820', 'hex'), y]);
    const data = Buffer.concat([
      authenticatorData(options.rp.id, USER_PRESENT | USER_VERIFIED | ATTESTED), Buffer.alloc(16), uint16(this.id.length), this.id, cose,
    ]);
    // {"fmt": "none", "attStmt": {}, "authData": …}
    const attestationObject = Buffer.concat([
      Buffer.from('\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59', 'latin1'), uint16(data.length), data,
    ]);
    return this.#credential({ clientDataJSON: clientData('webauthn.create', options), attestationObject });
  }

  /** AuthenticationResponseJSON for CREDENTIAL_REQUEST_OPTIONS. */
  get(options) {
    const data = authenticatorData(options.rpId, USER_PRESENT | USER_VERIFIED);
    const clientDataJSON = clientData('webauthn.get', options);
    const signed = Buffer.concat([data, createHash('sha256').update(clientDataJSON).digest()]);
    const signature = sign('sha256', signed, this.#keys.privateKey);
    return this.#credential({ clientDataJSON, authenticatorData: data, signature });
  }

  #credential(response) {
    const id = this.id.toString('base64url');
    const encoded = Object.entries(response).map(([name, value]) => [name, value.toString('base64url')]);
    return { id, rawId: id, type: 'public-key', clientExtensionResults: {}, response: Object.fromEntries(encoded) };
  }
}

function authenticatorData(rpId, flags) {
  return Buffer.concat([createHash('sha256').update(rpId).digest(), Buffer.of(flags), Buffer.alloc(4)]);
}

function clientData(type, { challenge }) {
  return Buffer.from(JSON.stringify({ type, challenge, origin: ORIGIN, crossOrigin: false }));
}

function uint16(number) {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(number);
  return bytes;
}

// What a page sees of a passkey. The classes are globals there, and libraries look for them.
class PublicKeyCredential {
  constructor(json, response) {
    Object.assign(this, { id: json.id, rawId: bytes(json.rawId), type: json.type, response });
  }

  getClientExtensionResults() { return {}; }
}

class AuthenticatorResponse {
  constructor(json) {
    for (const [name, value] of Object.entries(json)) this[name] = bytes(value);
  }
}

class AuthenticatorAttestationResponse extends AuthenticatorResponse {
  getTransports() { return ['internal']; }
  getPublicKeyAlgorithm() { return -7; }
  getPublicKey() { return null; }
  getAuthenticatorData() { return new ArrayBuffer(0); }
}

class AuthenticatorAssertionResponse extends AuthenticatorResponse {}

/** The bytes as a page gets them. */
function bytes(text) {
  const buffer = Buffer.from(text, 'base64url');
  return buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.length);
}

/** Makes this process a page with a passkey, as far as libraries look, while `work` runs. */
async function inBrowser(passkey, work) {
  const encoded = (options) => ({ ...options, challenge: Buffer.from(options.challenge).toString('base64url') });
  const credentials = {
    create: async ({ publicKey }) => {
      const json = passkey.create(encoded(publicKey));
      return new PublicKeyCredential(json, new AuthenticatorAttestationResponse(json.response));
    },
    get: async ({ publicKey }) => {
      const json = passkey.get(encoded(publicKey));
      return new PublicKeyCredential(json, new AuthenticatorAssertionResponse(json.response));
    },
  };
  const page = { PublicKeyCredential, AuthenticatorAttestationResponse, AuthenticatorAssertionResponse };
  Object.assign(globalThis, page, { window: { ...page, document: {}, isSecureContext: true } });
  globalThis.navigator.credentials = credentials;
  try {
    return await work();
  } finally {
    delete globalThis.window;
    delete globalThis.navigator.credentials;
  }
}

module.exports = { Passkey, inBrowser };
