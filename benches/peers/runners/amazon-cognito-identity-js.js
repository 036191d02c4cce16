// amazon-cognito-identity-js, as an application uses it, with a stub for the service that sends nothing.
'use strict';

const package_ = require('amazon-cognito-identity-js/package.json');
const {
	AuthenticationDetails,
	AuthenticationHelper,
	CognitoUser,
	CognitoUserPool,
} = require('amazon-cognito-identity-js');
const { serve } = require('./protocol.js');

let setup;
let pool;

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

serve({
	version: package_.version,

	setup(request) {
		setup = request;
		pool = new CognitoUserPool({ UserPoolId: setup.pool_id, ClientId: setup.client_id });
		pool.client = new Service();
	},

	start() {
		const user = new CognitoUser({ Username: setup.username, Pool: pool });
		const details = new AuthenticationDetails({ Username: setup.username, Password: setup.password });
		user.authenticateUser(details, callbacks);
		const { parameters, callback } = pool.client.take('InitiateAuth');
		return { srp_a: parameters.AuthParameters.SRP_A, callback };
	},

	answer(started, challenge) {
		started.callback(null, { ChallengeName: 'PASSWORD_VERIFIER', ChallengeParameters: challenge });
		return pool.client.take('RespondToAuthChallenge').parameters.ChallengeResponses;
	},

	// The client makes its verifier with the helper of the sign-in before, so the helper is there already.
	deviceOwner() {
		return new AuthenticationHelper(pool.getUserPoolName());
	},

	registerDevice(helper) {
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
	},
});
