// Runs amazon-cognito-identity-js for the benchmark: requests come on standard input and answers go to standard
// output, one JSON object a line. See `src/peer/runner.rs`.
'use strict';

const readline = require('node:readline');

const package_ = require('amazon-cognito-identity-js/package.json');
const {
	AuthenticationDetails,
	AuthenticationHelper,
	CognitoUser,
	CognitoUserPool,
} = require('amazon-cognito-identity-js');

let setup;
let pool;
let pending;

// The service's part: the client's requests end here, and what answers them is kept until it is called.
class Service {
	request(operation, parameters, callback) {
		this.last = { operation, parameters, callback };
	}

	take(operation) {
		const { last } = this;
		this.last = undefined;
		if (last === undefined || last.operation !== operation) {
			throw new Error(`the client did not ask for ${operation}`);
		}
		return last;
	}
}

const callbacks = {
	onSuccess() {
		throw new Error('nobody is signed in here');
	},
	onFailure(error) {
		throw error;
	},
};

// From the user's name and password to the InitiateAuth request, which the client would send now.
function start() {
	const user = new CognitoUser({ Username: setup.username, Pool: pool });
	const details = new AuthenticationDetails({ Username: setup.username, Password: setup.password });
	user.authenticateUser(details, callbacks);
	return pool.client.take('InitiateAuth');
}

// From the challenge to the RespondToAuthChallenge request.
function answer(initiated, challenge) {
	initiated.callback(null, { ChallengeName: 'PASSWORD_VERIFIER', ChallengeParameters: challenge });
	return pool.client.take('RespondToAuthChallenge').parameters.ChallengeResponses;
}

// The client makes its verifier with the helper of the sign-in before, so the helper is there already.
function registerDevice(helper) {
	helper.generateHashDevice(setup.device_group_key, setup.device_key, (error) => {
		if (error) {
			throw error;
		}
	});
	return {
		password: helper.getRandomPassword(),
		salt: Buffer.from(helper.getSaltDevices(), 'hex').toString('base64'),
		verifier: Buffer.from(helper.getVerifierDevices(), 'hex').toString('base64'),
	};
}

// Runs `operation` on each state; the states are made before the clock starts. The clock is the processor time of the
// process: node has none for a thread, so what its compiler and its collector do beside the main thread counts too.
function time(states, operation) {
	const begin = process.cpuUsage();
	for (const state of states) {
		operation(state);
	}
	const { user, system } = process.cpuUsage(begin);
	return 1000 * (user + system);
}

function timed(name, times) {
	const states = (make) => Array.from({ length: times }, make);
	switch (name) {
		case 'srp_a':
			return time(states(() => null), start);
		case 'password_verifier':
			return time(states(start), (initiated) => answer(initiated, setup.challenge));
		case 'sign_in':
			return time(states(() => null), () => answer(start(), setup.challenge));
		case 'device_registration': {
			const helper = new AuthenticationHelper(pool.getUserPoolName());
			return time(states(() => helper), registerDevice);
		}
		default:
			throw new Error(`no ${name} here`);
	}
}

function respond(request) {
	switch (request.do) {
		case 'setup':
			setup = request;
			pool = new CognitoUserPool({ UserPoolId: setup.pool_id, ClientId: setup.client_id });
			pool.client = new Service();
			return { version: `${package_.version}, node ${process.version}` };
		case 'start':
			pending = start();
			return { srp_a: pending.parameters.AuthParameters.SRP_A };
		case 'answer':
			return { claim: answer(pending, request.challenge) };
		case 'register_device':
			return { registration: registerDevice(new AuthenticationHelper(pool.getUserPoolName())) };
		case 'time':
			return { nanoseconds: timed(request.name, request.times) };
		default:
			throw new Error(`cannot ${request.do}`);
	}
}

readline.createInterface({ input: process.stdin }).on('line', (line) => {
	let reply;
	try {
		reply = respond(JSON.parse(line));
	} catch (error) {
		reply = { error: String(error) };
	}
	process.stdout.write(`${JSON.stringify(reply)}\n`);
});
