"""Runs our package for Python (`bindings/python`) for the benchmark, with boto3's dictionaries."""

import importlib.metadata
import platform

from cognito_srp6a import DeviceCredentials, UserSignIn
from protocol import measure, serve


class Runner:
    def __init__(self):
        self.given = None
        self.pending = None

    def setup(self, request):
        self.given = request
        versions = [importlib.metadata.version("cognito-srp6a"), "CPython " + platform.python_version()]
        operations = ["srp_a", "password_verifier", "sign_in", "device_registration"]
        return {"version": ", ".join(versions), "operations": operations}

    def start_client(self):
        sign_in = UserSignIn(self.given["pool_id"], self.given["client_id"], self.given["username"])
        return sign_in, sign_in.auth_parameters

    def answer_challenge(self, started, challenge):
        return started[0].answer(challenge, self.given["password"])

    def make_device(self):
        return DeviceCredentials.register(self.given["device_key"], self.given["device_group_key"])

    def start(self, _request):
        self.pending = self.start_client()
        return {"srp_a": self.pending[1]["SRP_A"]}

    def answer(self, request):
        return {"claim": self.answer_challenge(self.pending, request["challenge"])}

    def register_device(self, _request):
        credentials, config = self.make_device()
        password = credentials.expose_password()
        return {"registration": {"password": password, "salt": config["Salt"], "verifier": config["PasswordVerifier"]}}

    def time(self, request):
        challenge = self.given["challenge"]
        nothing = lambda: None  # noqa: E731
        make, operation = {
            "srp_a": (nothing, lambda _: self.start_client()),
            "password_verifier": (self.start_client, lambda started: self.answer_challenge(started, challenge)),
            "sign_in": (nothing, lambda _: self.answer_challenge(self.start_client(), challenge)),
            "device_registration": (nothing, lambda _: self.make_device()),
        }[request["operation"]]
        return measure(make, operation, request["times"])


if __name__ == "__main__":
    serve(Runner())
