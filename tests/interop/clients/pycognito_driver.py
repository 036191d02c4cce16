"""pycognito under boto3: `AWSSRP`, the class that its documentation tells callers to use, and `Cognito`, which has the factors."""

import boto3
import requests
from botocore.config import Config
from botocore.exceptions import ClientError
from pycognito import Cognito
from pycognito.aws_srp import AWSSRP
from pycognito.exceptions import SMSMFAChallengeException, SoftwareTokenMFAChallengeException
from suite import Refused, expect, run, signed_in


class Pycognito:
    name = "pycognito"
    slow_proof = only_proves = True
    lacks = {
        "user_auth": "has no USER_AUTH and no CUSTOM_AUTH",
        "otp": "has no USER_AUTH and no CUSTOM_AUTH",
        "passkey": "has no USER_AUTH and no CUSTOM_AUTH",
        "custom": "has no USER_AUTH and no CUSTOM_AUTH",
        "custom_auth": "has no USER_AUTH and no CUSTOM_AUTH",
        "email": "answers SMS_MFA and SOFTWARE_TOKEN_MFA only",
        "choice": "answers SMS_MFA and SOFTWARE_TOKEN_MFA only",
        "setup": "sets up an app with an access token only",
        "rotation": "refreshes with REFRESH_TOKEN_AUTH only",
        "wrong_key": "makes the calls of an app, which nobody signs, but for `password`",
    }

    def sign_in(self, pool, username, password):
        with refusals():
            return access_token(self.srp(pool, username, password).authenticate_user())

    def sign_in_with_new_password(self, pool, username, password, new_password):
        with refusals():
            return access_token(self.srp(pool, username, password).set_new_password_challenge(new_password))

    def sign_in_with_new_device(self, pool, username, password):
        """Signs in, has the device confirmed and remembered, and signs in with it."""
        first = self.srp(pool, username, password)
        result = first.authenticate_user()
        device = result["AuthenticationResult"].get("NewDeviceMetadata")
        expect(device is not None, "a sign-in without a device got no NewDeviceMetadata")
        with endpoint_of(pool):
            response, device_password = first.confirm_device(result, "interop")
            expect(response.status_code == 200, f"ConfirmDevice: {response.text}")
            status = first.update_device_status(True, access_token(result), device["DeviceKey"])
            expect("200" in status, f"UpdateDeviceStatus: {status}")
        names = {
            "device_key": device["DeviceKey"],
            "device_group_key": device["DeviceGroupKey"],
            "device_password": device_password,
        }
        second = self.srp(pool, username, password, **names).authenticate_user()
        signed_in(access_token(second), {"username": username})
        expect("NewDeviceMetadata" not in second["AuthenticationResult"], "a known device was announced as new")

    def sign_in_by_password(self, pool, username, password):
        with refusals():
            cognito = cognito_of(pool, username)
            cognito.admin_authenticate(password)
            return cognito.access_token

    def sign_in_with_code(self, pool, username, password, _challenge, code, **_options):
        with refusals():
            cognito = cognito_of(pool, username)
            try:
                cognito.authenticate(password)
            except SoftwareTokenMFAChallengeException:
                cognito.respond_to_software_token_mfa_challenge(code())
            except SMSMFAChallengeException:
                cognito.respond_to_sms_mfa_challenge(code())
            return cognito.access_token

    def refresh(self, pool, username, password):
        with refusals():
            cognito = cognito_of(pool, username)
            cognito.authenticate(password)
            first = cognito.access_token
            cognito.renew_access_token()
            expect(cognito.access_token != first, "the access token is the old one")
            return cognito.access_token

    def srp(self, pool, username, password, **device):
        return AWSSRP(
            username=username,
            password=password,
            pool_id=pool["pool_id"],
            client_id=pool["client_id"],
            client_secret=pool.get("client_secret"),
            client=client_of(pool),
            **device,
        )


def client_of(pool, made={}):
    """One boto3 client an endpoint and key: building one costs more than a sign-in."""
    place = pool["endpoint"], pool.get("secret_access_key", "test")
    if place not in made:
        made[place] = boto3.client(
            "cognito-idp",
            endpoint_url=pool["endpoint"],
            region_name=pool["region"],
            aws_access_key_id="test",
            aws_secret_access_key=place[1],
            config=Config(retries={"total_max_attempts": 1}),
        )
    return made[place]


def cognito_of(pool, username, made={}):
    """One `Cognito` an endpoint. It verifies every token against the pool's keys, for the service's issuer."""
    if pool["endpoint"] not in made:
        cognito = Cognito(pool["pool_id"], pool["client_id"], pool["region"], access_key="test", secret_key="test")
        cognito.pool_jwk = requests.get(f"{pool['endpoint']}/{pool['pool_id']}/.well-known/jwks.json", timeout=15).json()
        cognito.client = client_of(pool)
        made[pool["endpoint"]] = cognito
    made[pool["endpoint"]].username = username
    return made[pool["endpoint"]]


def access_token(response):
    result = response.get("AuthenticationResult")
    expect(result is not None, f"no tokens, but {response.get('ChallengeName')}")
    return result["AccessToken"]


class refusals:
    """Turns boto3's error into the suite's, under the name that boto3 gives it."""

    def __enter__(self):
        pass

    def __exit__(self, _kind, error, _traceback):
        if isinstance(error, ClientError):
            # boto3 makes a class for each error of the service's model; those that every AWS service has are outside of it.
            name = error.response["Error"]["Code"] if type(error) is ClientError else type(error).__name__
            raise Refused(name) from error


class endpoint_of:
    """pycognito builds the URL for its device calls from the region alone, so the transport under it is redirected."""

    def __init__(self, pool):
        self.pool = pool

    def __enter__(self):
        self.post = requests.post
        requests.post = lambda _url, **options: self.post(self.pool["endpoint"], **options)

    def __exit__(self, *_):
        requests.post = self.post


if __name__ == "__main__":
    run(Pycognito())
