"""boto3 with the calls of an administrator, in every flow that they have.

boto3 makes no proof; the numbers of the flows that want one are those of pycognito's `AWSSRP`. Refreshing in a chain, setting up
an app and registering a passkey have no calls of an administrator, so those are an app's.
"""

import json

from authenticator import Passkey
from pycognito.aws_srp import AWSSRP, generate_hash_device
from pycognito_driver import access_token, client_of, refusals
from suite import expect, run, signed_in


class Boto3:
    name = "boto3, Admin calls"
    slow_proof = True

    def sign_in(self, pool, username, password):
        with refusals():
            return access_token(Attempt(pool, username, password).prove_password())

    def sign_in_with_new_password(self, pool, username, password, new_password):
        with refusals():
            attempt = Attempt(pool, username, password)
            attempt.prove_password()
            return access_token(attempt.respond("NEW_PASSWORD_REQUIRED", NEW_PASSWORD=new_password))

    def sign_in_with_new_device(self, pool, username, password):
        first = Attempt(pool, username, password).prove_password()["AuthenticationResult"]
        expect("NewDeviceMetadata" in first, "a sign-in without a device got no NewDeviceMetadata")
        key, group_key = (first["NewDeviceMetadata"][name] for name in ["DeviceKey", "DeviceGroupKey"])
        device_password, verifier = generate_hash_device(group_key, key)
        client_of(pool).confirm_device(
            AccessToken=first["AccessToken"], DeviceKey=key, DeviceName="interop", DeviceSecretVerifierConfig=verifier
        )
        attempt = Attempt(
            pool, username, password, device_key=key, device_group_key=group_key, device_password=device_password
        )
        attempt.initiate("USER_SRP_AUTH", SRP_A=attempt.srp_a(), DEVICE_KEY=key)
        attempt.take_challenge()
        challenge = attempt.respond("DEVICE_SRP_AUTH", DEVICE_KEY=key, SRP_A=attempt.srp_a())["ChallengeParameters"]
        claim = attempt.srp.process_device_challenge(challenge)
        second = attempt.respond("DEVICE_PASSWORD_VERIFIER", **claim)
        signed_in(access_token(second), {"username": username})
        expect("NewDeviceMetadata" not in second["AuthenticationResult"], "a known device was announced as new")

    def sign_in_by_password(self, pool, username, password):
        with refusals():
            return access_token(Attempt(pool, username).initiate("ADMIN_USER_PASSWORD_AUTH", PASSWORD=password))

    def user_auth(self, pool, username, password):
        """The factor is chosen from the list of SELECT_CHALLENGE, and then proved."""
        with refusals():
            attempt = Attempt(pool, username, password)
            attempt.initiate("USER_AUTH")
            expect("PASSWORD_SRP" in attempt.answer["AvailableChallenges"], "PASSWORD_SRP is not offered")
            attempt.respond("SELECT_CHALLENGE", ANSWER="PASSWORD_SRP", SRP_A=attempt.srp_a())
            return access_token(attempt.take_challenge())

    def sign_in_by_code(self, pool, username, challenge, code):
        with refusals():
            attempt = Attempt(pool, username)
            attempt.initiate("USER_AUTH", PREFERRED_CHALLENGE=challenge)
            return access_token(attempt.respond(challenge, **{f"{challenge}_CODE": code()}))

    def sign_in_with_code(self, pool, username, password, challenge, code, chooses, sends_password):
        with refusals():
            attempt = Attempt(pool, username, password)
            if sends_password:
                attempt.initiate("ADMIN_USER_PASSWORD_AUTH", PASSWORD=password)
            else:
                attempt.prove_password()
            if chooses:
                attempt.respond("SELECT_MFA_TYPE", ANSWER=challenge)
            return access_token(attempt.respond(challenge, **{f"{challenge}_CODE": code()}))

    def sign_in_with_setup(self, pool, username, password, first_code):
        with refusals():
            attempt = Attempt(pool, username, password)
            attempt.prove_password()
            associated = client_of(pool).associate_software_token(Session=attempt.answer["Session"])
            code = first_code(associated["SecretCode"])
            verified = client_of(pool).verify_software_token(Session=associated["Session"], UserCode=code)
            expect(verified["Status"] == "SUCCESS", f"the status is {verified['Status']}")
            attempt.answer["Session"] = verified["Session"]
            return access_token(attempt.respond("MFA_SETUP"))

    def custom_auth(self, pool, username, password, answer):
        with refusals():
            attempt = Attempt(pool, username, password)
            attempt.initiate("CUSTOM_AUTH", CHALLENGE_NAME="SRP_A", SRP_A=attempt.srp_a())
            attempt.take_challenge()
            return access_token(attempt.answer_questions(answer))

    def custom(self, pool, username, answer):
        with refusals():
            attempt = Attempt(pool, username)
            attempt.initiate("CUSTOM_AUTH")
            return access_token(attempt.answer_questions(answer))

    def refresh(self, pool, username, password):
        with refusals():
            attempt = Attempt(pool, username, password)
            token = attempt.prove_password()["AuthenticationResult"]["RefreshToken"]
            return access_token(attempt.initiate("REFRESH_TOKEN_AUTH", REFRESH_TOKEN=token))

    def register_passkey(self, pool, username, password):
        passkey, token = Passkey(), self.sign_in_by_password(pool, username, password)
        options = client_of(pool).start_web_authn_registration(AccessToken=token)["CredentialCreationOptions"]
        client_of(pool).complete_web_authn_registration(AccessToken=token, Credential=passkey.create(options))
        return passkey

    def sign_in_by_passkey(self, pool, username, passkey):
        with refusals():
            attempt = Attempt(pool, username)
            asked = attempt.initiate("USER_AUTH", PREFERRED_CHALLENGE="WEB_AUTHN")["ChallengeParameters"]
            credential = passkey.get(json.loads(asked["CREDENTIAL_REQUEST_OPTIONS"]))
            return access_token(attempt.respond("WEB_AUTHN", CREDENTIAL=json.dumps(credential)))

    def rotate(self, pool, username, password, count):
        token = Attempt(pool, username, password).prove_password()["AuthenticationResult"]["RefreshToken"]
        try:
            Attempt(pool, username).initiate("REFRESH_TOKEN_AUTH", REFRESH_TOKEN=token)
            raise AssertionError("REFRESH_TOKEN_AUTH is accepted although tokens are rotated")
        except client_of(pool).exceptions.InvalidParameterException:
            pass
        for _ in range(count):
            answer = client_of(pool).get_tokens_from_refresh_token(RefreshToken=token, ClientId=pool["client_id"])
            token = answer["AuthenticationResult"]["RefreshToken"]
            yield access_token(answer), token


class Attempt:
    """One sign-in: the last answer, and the name that the next one goes under."""

    def __init__(self, pool, username, password=None, **device):
        self.pool, self.username, self.typed, self.answer = pool, username, username, None
        self.names = {"UserPoolId": pool["pool_id"], "ClientId": pool["client_id"]}
        self.srp = AWSSRP(
            username=username,
            password=password or "",
            pool_id=pool["pool_id"],
            client_id=pool["client_id"],
            client_secret=pool.get("client_secret"),
            client=client_of(pool),
            **device,
        )

    def srp_a(self):
        return self.srp.get_auth_params()["SRP_A"]

    def prove_password(self):
        """AdminInitiateAuth takes USER_SRP_AUTH."""
        self.initiate("USER_SRP_AUTH", SRP_A=self.srp_a())
        return self.take_challenge()

    def take_challenge(self):
        challenge = self.answer["ChallengeParameters"]
        claim = self.srp.process_challenge(challenge, {"USERNAME": self.typed})
        return self.respond("PASSWORD_VERIFIER", **claim)

    def answer_questions(self, answer):
        """A pool asks as often as its functions want."""
        self.respond("CUSTOM_CHALLENGE", ANSWER=answer)
        while "ChallengeName" in self.answer:
            self.respond("CUSTOM_CHALLENGE", ANSWER=answer)
        return self.answer

    def initiate(self, flow, **parameters):
        parameters = {"USERNAME": self.username, **self.secret_hash(), **parameters}
        self.answer = client_of(self.pool).admin_initiate_auth(AuthFlow=flow, AuthParameters=parameters, **self.names)
        return self.answer

    def respond(self, challenge, **responses):
        expect(self.answer["ChallengeName"] == challenge, f"{self.answer['ChallengeName']} in place of {challenge}")
        asked = self.answer["ChallengeParameters"]
        self.username = asked.get("USERNAME", asked.get("USER_ID_FOR_SRP", self.username))
        self.answer = client_of(self.pool).admin_respond_to_auth_challenge(
            ChallengeName=challenge,
            ChallengeResponses={"USERNAME": self.username, **self.secret_hash(), **responses},
            **({"Session": self.answer["Session"]} if "Session" in self.answer else {}),
            **self.names,
        )
        return self.answer

    def secret_hash(self):
        secret = self.pool.get("client_secret")
        return {"SECRET_HASH": AWSSRP.get_secret_hash(self.username, self.pool["client_id"], secret)} if secret else {}


if __name__ == "__main__":
    run(Boto3())
