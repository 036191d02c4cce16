"""Runs our package for Python (`bindings/python`) for the benchmark, with boto3's dictionaries."""

import importlib.metadata
import platform

from cognito_srp6a import DeviceCredentials, UserSignIn
from protocol import Runner, serve


class Ours(Runner):
    VERSIONS = [importlib.metadata.version("cognito-srp6a"), "CPython " + platform.python_version()]

    def start_client(self):
        sign_in = UserSignIn(self.given["pool_id"], self.given["client_id"], self.given["username"])
        return sign_in, sign_in.auth_parameters

    def answer_challenge(self, started, challenge):
        return started[0].answer(challenge, self.given["password"])

    def make_device(self):
        credentials, config = DeviceCredentials.register(self.given["device_key"], self.given["device_group_key"])
        return credentials.expose_password(), config


if __name__ == "__main__":
    serve(Ours())
