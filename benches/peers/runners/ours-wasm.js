// This crate as WebAssembly (`wasm/src/lib.rs`), with randomness and time from node.
'use strict';

const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const { serve } = require('./protocol.js');

const ELEMENT_BYTES = 384;

const module_ = new WebAssembly.Module(fs.readFileSync(path.join(__dirname, '../.wasm/peers_wasm.wasm')));
const { exports: wasm } = new WebAssembly.Instance(module_, {
	host: {
		random: (start, length) => crypto.getRandomValues(new Uint8Array(wasm.memory.buffer, start, length)),
		now: () => Date.now() / 1000,
	},
});

// The memory moves when it grows, so each access makes its own view.
function give(bytes) {
	const start = wasm.input(bytes.length);
	new Uint8Array(wasm.memory.buffer).set(bytes, start);
}

function take() {
	const [start, length] = [wasm.output(), wasm.output_length()];
	return Buffer.from(wasm.memory.buffer, start, length);
}

const giveLines = (...lines) => give(Buffer.from(lines.join('\n')));

let backend = '';

serve({
	get version() {
		return `backend ${backend}`;
	},

	setup(request) {
		giveLines(request.pool_id, request.client_id, request.username, request.password);
		wasm.setup();
		backend = take().toString();
	},

	start() {
		const number = wasm.start();
		return { srp_a: take().toString(), number };
	},

	answer({ number }, challenge) {
		const { USERNAME, USER_ID_FOR_SRP, SALT, SRP_B, SECRET_BLOCK } = challenge;
		giveLines(USERNAME, USER_ID_FOR_SRP, SALT, SRP_B, SECRET_BLOCK);
		wasm.answer(number);
		const words = take().toString().split('\n');
		const claim = {};
		for (let i = 0; i + 1 < words.length; i += 2) {
			claim[words[i]] = words[i + 1];
		}
		return claim;
	},

	operands(base, exponent) {
		const bits = BigInt(`0x${exponent}`).toString(2).length;
		const hex = base.padStart(2 * ELEMENT_BYTES, '0') + exponent.padStart(2 * Math.ceil(bits / 8), '0');
		return { bytes: Buffer.from(hex, 'hex'), bits };
	},

	power({ bytes, bits }) {
		give(bytes);
		wasm.power(bits);
		return take();
	},

	hex: (bytes) => bytes.toString('hex'),
});
