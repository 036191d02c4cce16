"""Runs pycognito for the benchmark. With `--gmpy2` the client's module has gmpy2's `powmod` in place of Python's
`pow`."""

import importlib.metadata
import platform
import sys
import warnings

# The client reads the clock in a way that newer versions of Python warn of.
warnings.simplefilter("ignore", DeprecationWarning)

from protocol import measure, serve  # noqa: E402
from pycognito import aws_srp  # noqa: E402
from pycognito.aws_srp import AWSSRP, generate_hash_device  # noqa: E402

GMPY2 = "--gmpy2" in sys.argv
if GMPY2:
    import gmpy2

    # A name of the module goes before a built-in function's. The client writes the result as hex, so it must be an `int`.
    aws_srp.pow = lambda base, exponent, modulus: int(gmpy2.powmod(base, exponent, modulus))


class Runner:
    def __init__(self):
        self.given = None
        self.pending = None

    def setup(self, request):
        self.given = request
        versions = [importlib.metadata.version("pycognito"), "CPython " + platform.python_version()]
        if GMPY2:
            versions += ["gmpy2 " + gmpy2.version(), gmpy2.mp_version()]
        operations = ["srp_a", "password_verifier", "sign_in", "device_registration"]
        return {"version": ", ".join(versions), "operations": operations}

    def start_client(self):
        """From the user's name and password to the parameters of InitiateAuth. The constructor makes `a` and `A`."""
        given = self.given
        # Any object will do as the AWS client: nothing is sent.
        client = AWSSRP(given["username"], given["password"], given["pool_id"], given["client_id"], client=object())
        return client, client.get_auth_params()

    def answer_challenge(self, started, challenge):
        """From the challenge to the parameters of RespondToAuthChallenge."""
        client, parameters = started
        return client.process_challenge(challenge, parameters)

    def make_device(self):
        return generate_hash_device(self.given["device_group_key"], self.given["device_key"])

    def start(self, _request):
        self.pending = self.start_client()
        return {"srp_a": self.pending[1]["SRP_A"]}

    def answer(self, request):
        return {"claim": self.answer_challenge(self.pending, request["challenge"])}

    def register_device(self, _request):
        password, config = self.make_device()
        registration = {"password": password, "salt": config["Salt"], "verifier": config["PasswordVerifier"]}
        return {"registration": registration}

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
