"""Runs pycognito for the benchmark. With `--gmpy2` the client's module has gmpy2's `powmod` in place of Python's
`pow`."""

import importlib.metadata
import platform
import sys
import warnings

# The client reads the clock in a way that newer versions of Python warn of.
warnings.simplefilter("ignore", DeprecationWarning)

from protocol import Runner, serve  # noqa: E402
from pycognito import aws_srp  # noqa: E402
from pycognito.aws_srp import AWSSRP, generate_hash_device  # noqa: E402

GMPY2 = "--gmpy2" in sys.argv
if GMPY2:
    import gmpy2

    # A name of the module goes before a built-in function's. The client writes the result as hex, so it must be an `int`.
    aws_srp.pow = lambda base, exponent, modulus: int(gmpy2.powmod(base, exponent, modulus))


class Pycognito(Runner):
    VERSIONS = [importlib.metadata.version("pycognito"), "CPython " + platform.python_version()]
    if GMPY2:
        VERSIONS += ["gmpy2 " + gmpy2.version(), gmpy2.mp_version()]

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


if __name__ == "__main__":
    serve(Pycognito())
