"""Our package for Python with the calls of boto3: `cognito_srp6a` makes the two messages of each proof, boto3 sends them."""

from cognito_srp6a import DeviceCredentials, DeviceSignIn, UserSignIn
from pycognito_driver import access_token, client_of, refusals
from suite import expect, run, signed_in

PROVES = "computes the proof of a password, and sends nothing"


class OursPython:
    name = "ours, Python (boto3)"
    lacks = dict.fromkeys(
        ["password", "totp", "wrong_code", "sms", "email", "choice", "setup", "otp", "custom", "rotation", "passkey"], PROVES
    ) | {"wrong_key": "makes the calls of an app, which nobody signs"}

    def sign_in(self, pool, username, password):
        with refusals():
            return access_token(Attempt(pool, username).prove(password))

    def sign_in_with_new_password(self, pool, username, password, new_password):
        with refusals():
            attempt = Attempt(pool, username)
            attempt.prove(password)
            return access_token(attempt.respond("NEW_PASSWORD_REQUIRED", {"USERNAME": username, "NEW_PASSWORD": new_password}))

    def sign_in_with_new_device(self, pool, username, password):
        first = Attempt(pool, username).prove(password)["AuthenticationResult"]
        device = first["NewDeviceMetadata"]
        credentials, config = DeviceCredentials.register(device["DeviceKey"], device["DeviceGroupKey"])
        client_of(pool).confirm_device(
            AccessToken=first["AccessToken"], DeviceKey=credentials.device_key, DeviceSecretVerifierConfig=config
        )
        attempt = Attempt(pool, username, device_key=credentials.device_key)
        asked = attempt.prove(password)
        expect(asked.get("ChallengeName") == "DEVICE_SRP_AUTH", "the device is not asked for")
        sign_in = DeviceSignIn(*attempt.names, attempt.name, credentials, pool.get("client_secret"))
        asked = attempt.respond("DEVICE_SRP_AUTH", sign_in.challenge_responses)
        second = attempt.respond("DEVICE_PASSWORD_VERIFIER", sign_in.answer(asked["ChallengeParameters"]))
        signed_in(access_token(second), {"username": username})
        expect("NewDeviceMetadata" not in second["AuthenticationResult"], "a known device was announced as new")

    def user_auth(self, pool, username, password):
        with refusals():
            return access_token(Attempt(pool, username).prove(password, "USER_AUTH", PREFERRED_CHALLENGE="PASSWORD_SRP"))

    def custom_auth(self, pool, username, password, answer):
        with refusals():
            attempt = Attempt(pool, username)
            asked = attempt.prove(password, "CUSTOM_AUTH", CHALLENGE_NAME="SRP_A")
            while "ChallengeName" in asked:
                asked = attempt.respond("CUSTOM_CHALLENGE", {"USERNAME": attempt.name, "ANSWER": answer})
            return access_token(asked)

    def refresh(self, pool, username, password):
        with refusals():
            first = Attempt(pool, username).prove(password)["AuthenticationResult"]
            token = {"REFRESH_TOKEN": first["RefreshToken"]}
            call = client_of(pool).initiate_auth
            return access_token(call(ClientId=pool["client_id"], AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters=token))


class Attempt:
    """One sign-in: what was sent last, and the name that an answer goes under."""

    def __init__(self, pool, username, device_key=None):
        self.pool, self.client, self.names = pool, client_of(pool), (pool["pool_id"], pool["client_id"])
        self.sign_in = UserSignIn(*self.names, username, pool.get("client_secret"), device_key)
        self.session, self.name = None, username

    def prove(self, password, flow="USER_SRP_AUTH", **more):
        parameters = {**self.sign_in.auth_parameters, **more}
        asked = self.client.initiate_auth(ClientId=self.pool["client_id"], AuthFlow=flow, AuthParameters=parameters)
        self.session = asked.get("Session")
        answer = self.sign_in.answer(asked["ChallengeParameters"], password)
        self.name = answer["USERNAME"]
        return self.respond("PASSWORD_VERIFIER", answer)

    def respond(self, challenge, responses):
        session = {"Session": self.session} if self.session else {}
        answer = self.client.respond_to_auth_challenge(
            ClientId=self.pool["client_id"], ChallengeName=challenge, ChallengeResponses=responses, **session
        )
        self.session = answer.get("Session")
        return answer


if __name__ == "__main__":
    run(OursPython())
