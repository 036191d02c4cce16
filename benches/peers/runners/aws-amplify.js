// The proof of aws-amplify: the functions that its `signIn` calls around its two requests, without the requests.
'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { serve } = require('./protocol.js');

// The package exports only whole flows, which send. Its files are there all the same.
const auth = path.join(__dirname, '../node_modules/@aws-amplify/auth');
const { version } = JSON.parse(fs.readFileSync(path.join(auth, 'package.json')));
const srp = path.join(auth, 'dist/cjs/providers/cognito/utils/srp');
const { getAuthenticationHelper, getNowString, getSignatureString } = require(srp);
const { BigInteger } = require(path.join(srp, 'BigInteger'));

let setup;
let poolName;

serve({
	version,

	setup(request) {
		setup = request;
		[, poolName] = setup.pool_id.split('_');
	},

	async start() {
		const helper = await getAuthenticationHelper(poolName);
		return { srp_a: helper.A.toString(16), helper };
	},

	async answer({ helper }, challenge) {
		const username = challenge.USER_ID_FOR_SRP;
		const hkdf = await helper.getPasswordAuthenticationKey({
			username,
			password: setup.password,
			serverBValue: new BigInteger(challenge.SRP_B, 16),
			salt: new BigInteger(challenge.SALT, 16),
		});
		const dateNow = getNowString();
		const signature = { username, userPoolName: poolName, challengeParameters: challenge, dateNow, hkdf };
		return {
			USERNAME: username,
			PASSWORD_CLAIM_SECRET_BLOCK: challenge.SECRET_BLOCK,
			TIMESTAMP: dateNow,
			PASSWORD_CLAIM_SIGNATURE: getSignatureString(signature),
		};
	},

	// The library confirms a new device with the helper of the sign-in before, so the helper is there already.
	deviceOwner() {
		return getAuthenticationHelper(poolName);
	},

	async registerDevice(helper) {
		await helper.generateHashDevice(setup.device_group_key, setup.device_key);
		return {
			password: helper.getRandomPassword(),
			salt: Buffer.from(helper.getSaltToHashDevices(), 'hex').toString('base64'),
			verifier: Buffer.from(helper.getVerifierDevices(), 'hex').toString('base64'),
		};
	},
});
