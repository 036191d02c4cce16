// What a careful port to JavaScript would be: BigInt with Barrett's reduction, a window for powers of any base and a comb
// for powers of 2, and node's own hashes. BigInt is not constant time.
'use strict';

const crypto = require('node:crypto');

const { serve } = require('./protocol.js');

const BITS = 3072;

// The bits of a digit.
const WINDOW = 5;

let N;
let k;
let reciprocal;
let setup;
let poolName;

// Reduces a product of two numbers below N.
function reduce(product) {
	const quotient = ((product >> BigInt(BITS - 1)) * reciprocal) >> BigInt(BITS + 1);
	let rest = product - quotient * N;
	while (rest >= N) {
		rest -= N;
	}
	return rest;
}

const multiply = (a, b) => reduce(a * b);

// The digits of an exponent, the least significant first. Hex first, because taking a BigInt apart costs its whole length
// for each digit.
function bitsOf(exponent) {
	const bits = [];
	for (const digit of exponent.toString(16).split('').reverse()) {
		const value = parseInt(digit, 16);
		bits.push(value & 1, (value >> 1) & 1, (value >> 2) & 1, value >> 3);
	}
	return bits;
}

// A fixed window: a table of the first 32 powers, then five squares and one product for each digit of the exponent.
function power(base, exponent) {
	const table = [1n];
	for (let i = 1; i < 1 << WINDOW; i += 1) {
		table.push(multiply(table[i - 1], base));
	}
	const bits = bitsOf(exponent);
	let result;
	for (let digit = Math.ceil(bits.length / WINDOW) - 1; digit >= 0; digit -= 1) {
		let index = 0;
		for (let i = WINDOW - 1; i >= 0; i -= 1) {
			index = 2 * index + (bits[WINDOW * digit + i] ?? 0);
			result = result === undefined ? undefined : multiply(result, result);
		}
		result = result === undefined ? table[index] : multiply(result, table[index]);
	}
	return result;
}

// The comb for exponents of up to 320 bits: 8 teeth, 40 bits apart, over 4 blocks of 10 columns. The table has 256 products
// of powers of 2 for each block and is made once.
const TEETH = 8;
const BLOCKS = 4;
const COLUMNS = 10;
const comb = [];

function makeComb() {
	for (let block = 0; block < BLOCKS; block += 1) {
		const teeth = [];
		for (let tooth = 0; tooth < TEETH; tooth += 1) {
			teeth.push(power(2n, 1n << BigInt(COLUMNS * (BLOCKS * tooth + block))));
		}
		const table = [1n];
		for (let index = 1; index < 1 << TEETH; index += 1) {
			const top = 31 - Math.clz32(index);
			table.push(multiply(table[index ^ (1 << top)], teeth[top]));
		}
		comb.push(table);
	}
}

// A power of 2.
function powerOfTwo(exponent) {
	const bits = bitsOf(exponent);
	let result = 1n;
	for (let column = COLUMNS - 1; column >= 0; column -= 1) {
		result = column === COLUMNS - 1 ? result : multiply(result, result);
		for (let block = 0; block < BLOCKS; block += 1) {
			let index = 0;
			for (let tooth = TEETH - 1; tooth >= 0; tooth -= 1) {
				index = 2 * index + (bits[COLUMNS * (BLOCKS * tooth + block) + column] ?? 0);
			}
			result = multiply(result, comb[block][index]);
		}
	}
	return result;
}

const fromHex = (hex) => BigInt(`0x${hex}`);
const fromBytes = (bytes) => fromHex(bytes.toString('hex'));

// Java's `toByteArray` of a number that is not negative.
function signedBytes(number) {
	const hex = number.toString(16);
	const even = hex.length % 2 === 1 ? `0${hex}` : hex;
	return Buffer.from(parseInt(even[0], 16) > 7 ? `00${even}` : even, 'hex');
}

function hash(...parts) {
	const state = crypto.createHash('sha256');
	parts.forEach((part) => state.update(part));
	return state.digest();
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function timestamp() {
	const now = new Date();
	const day = `${DAYS[now.getUTCDay()]} ${MONTHS[now.getUTCMonth()]} ${now.getUTCDate()}`;
	return `${day} ${now.toISOString().slice(11, 19)} UTC ${now.getUTCFullYear()}`;
}

// `x` of a user or a device, from the salt's signed bytes.
function privateKey(salt, realm, name, password) {
	return fromBytes(hash(salt, hash(`${realm}${name}:${password}`)));
}

serve({
	version: `V8 ${process.versions.v8}`,

	setup(request) {
		setup = request;
		[, poolName] = setup.pool_id.split('_');
		N = fromHex(setup.n);
		reciprocal = (1n << BigInt(2 * BITS)) / N;
		k = fromBytes(hash(signedBytes(N), signedBytes(2n)));
		makeComb();
	},

	start() {
		const a = fromBytes(crypto.randomBytes(40));
		const A = powerOfTwo(a);
		return { srp_a: A.toString(16), a, A };
	},

	answer({ a, A }, challenge) {
		const B = fromHex(challenge.SRP_B);
		const username = challenge.USER_ID_FOR_SRP;
		const u = fromBytes(hash(signedBytes(A), signedBytes(B)));
		const x = privateKey(signedBytes(fromHex(challenge.SALT)), poolName, username, setup.password);
		// S = (B - k·g^x)^(a + u·x)
		const base = B - multiply(k, powerOfTwo(x));
		const S = power(base < 0n ? base + N : base, a + u * x);
		const key = crypto.hkdfSync('sha256', signedBytes(S), signedBytes(u), 'Caldera Derived Key', 16);
		const now = timestamp();
		const signature = crypto.createHmac('sha256', Buffer.from(key)).update(poolName).update(username);
		return {
			USERNAME: username,
			PASSWORD_CLAIM_SECRET_BLOCK: challenge.SECRET_BLOCK,
			TIMESTAMP: now,
			PASSWORD_CLAIM_SIGNATURE: signature
				.update(Buffer.from(challenge.SECRET_BLOCK, 'base64'))
				.update(now)
				.digest('base64'),
		};
	},

	deviceOwner: () => null,

	registerDevice() {
		const password = crypto.randomBytes(40).toString('base64');
		const salt = signedBytes(fromBytes(crypto.randomBytes(16)));
		const verifier = powerOfTwo(privateKey(salt, setup.device_group_key, setup.device_key, password));
		return { password, salt: salt.toString('base64'), verifier: signedBytes(verifier).toString('base64') };
	},

	operands: (base, exponent) => [fromHex(base), fromHex(exponent)],
	power: ([base, exponent]) => power(base, exponent),
	hex: (number) => number.toString(16),
});
