"""pycognito under boto3: `AWSSRP`, the class that its documentation tells callers to use."""

import boto3
import requests
from botocore.config import Config
from botocore.exceptions import ClientError
from pycognito.aws_srp import AWSSRP
from suite import Refused, expect, run, signed_in


class Pycognito:
    name = "pycognito"

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
    """One boto3 client an endpoint: building one costs more than a sign-in."""
    if pool["endpoint"] not in made:
        made[pool["endpoint"]] = boto3.client(
            "cognito-idp",
            endpoint_url=pool["endpoint"],
            region_name=pool["region"],
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}),
        )
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
            # boto3 makes a class for each error of the service's model; a name outside the model would be ClientError.
            raise Refused(type(error).__name__) from error


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
