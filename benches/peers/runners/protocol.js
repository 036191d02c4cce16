// The requests of `src/peer/runner.rs`, for clients that run under node: they come on standard input and their answers
// go to standard output, one JSON object a line.
'use strict';

const readline = require('node:readline');

/**
 * Serves a client, whose methods may return promises:
 *
 * - `version`: a text
 * - `setup(request)`: takes the names and keys of the sign-in
 * - `start()`: from the user's name to the InitiateAuth request; returns a state with `srp_a`
 * - `answer(started, challenge)`: from the challenge to the parameters of RespondToAuthChallenge
 * - `deviceOwner()` and `registerDevice(owner)`, if it registers devices: `password`, `salt` and `verifier`
 * - `operands(base, exponent)` and `power(operands)`, if it has the arithmetic; `hex(power)` writes the result
 */
function serve(client) {
	let pending;
	let given;

	const operations = {
		srp_a: [() => null, () => client.start()],
		password_verifier: [() => client.start(), (started) => client.answer(started, given.challenge)],
		sign_in: [() => null, async () => client.answer(await client.start(), given.challenge)],
	};
	if (client.registerDevice) {
		operations.device_registration = [() => client.deviceOwner(), (owner) => client.registerDevice(owner)];
	}
	if (client.power) {
		operations.modexp = [() => client.operands(pending.base, pending.exponent), (operands) => client.power(operands)];
	}

	async function respond(request) {
		switch (request.do) {
			case 'setup':
				given = request;
				await client.setup(request);
				return { version: `${client.version}, node ${process.version}`, operations: Object.keys(operations) };
			case 'start':
				pending = await client.start();
				return { srp_a: pending.srp_a };
			case 'answer':
				return { claim: await client.answer(pending, request.challenge) };
			case 'register_device':
				return { registration: await client.registerDevice(await client.deviceOwner()) };
			case 'modexp': {
				pending = request;
				const operands = await client.operands(request.base, request.exponent);
				return { power: client.hex(await client.power(operands)) };
			}
			case 'time':
				return { nanoseconds: await time(...operations[request.operation], request.times) };
			default:
				throw new Error(`cannot ${request.do}`);
		}
	}

	let last = Promise.resolve();
	readline.createInterface({ input: process.stdin }).on('line', (line) => {
		last = last
			.then(() => respond(JSON.parse(line)))
			.catch((error) => ({ error: String(error) }))
			.then((reply) => process.stdout.write(`${JSON.stringify(reply)}\n`));
	});
}

// Runs an operation so many times. All states are made before the clock starts. The clock is the processor time of the
// process: node has none for a thread, so what its compiler and its collector do beside the main thread counts too.
async function time(make, operation, times) {
	const states = [];
	for (let i = 0; i < times; i += 1) {
		states.push(await make());
	}
	const begin = process.cpuUsage();
	for (const state of states) {
		await operation(state);
	}
	const { user, system } = process.cpuUsage(begin);
	return 1000 * (user + system);
}

module.exports = { serve };
