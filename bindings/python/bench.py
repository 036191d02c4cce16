"""The benchmark of `bench`.

All peers run in this process, each a sample in turn in every round, so that a change of the CPU's speed meets all of them. The clock
is the thread's processor time. Operations as in `benches/peers`: `srp_a` is from the names to the `AuthParameters`,
`password_verifier` from the challenge to the `ChallengeResponses`, `device_registration` from a device's names to its password and
verifier. Before it measures, each peer signs in at the server's half.

`pycognito` uses Python's `pow`. It does not use gmpy2 where that is installed, so the peer `pycognito, gmpy2` has `gmpy2.powmod` in
place of `pow` in its module: a name of the module goes before a built-in function.
"""

import argparse
import json
import statistics
import time
import warnings

# pycognito reads the clock in a way that newer versions of Python warn of.
warnings.simplefilter("ignore", DeprecationWarning)

import gmpy2  # noqa: E402
from pycognito import aws_srp  # noqa: E402

import cognito_srp6a.pycognito  # noqa: E402
from cognito_srp6a import DeviceCredentials, UserSignIn, server  # noqa: E402

NAMES = "us-east-1_AbCdEfGhI", "1example23456789", "alice"
PASSWORD = "Passw0rd!"
DEVICE = "us-east-1_0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9", "-aBcDeFgH"
RECORD = server.UserRecord.from_password(NAMES[0], NAMES[2], PASSWORD)
KEY = server.ServerKey.generate()


class Ours:
    who = "ours"

    def start(self):
        sign_in = UserSignIn(*NAMES)
        return sign_in, sign_in.auth_parameters

    def answer(self, started, challenge):
        return started[0].answer(challenge, PASSWORD)

    def register(self):
        return DeviceCredentials.register(*DEVICE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


class Pycognito(Ours):
    who = "pycognito"

    def start(self):
        # Nothing is sent, so any object will do as the client.
        srp = aws_srp.AWSSRP(NAMES[2], PASSWORD, NAMES[0], NAMES[1], client=object())
        return srp, srp.get_auth_params()

    def answer(self, started, challenge):
        return started[0].process_challenge(challenge, started[1])

    def register(self):
        return aws_srp.generate_hash_device(*reversed(DEVICE))


class PycognitoGmpy2(Pycognito):
    who = "pycognito, gmpy2"

    def __enter__(self):
        # pycognito prints the result as hex, so it must be an `int`.
        aws_srp.pow = lambda base, exponent, modulus: int(gmpy2.powmod(base, exponent, modulus))
        return self

    def __exit__(self, *_):
        del aws_srp.pow


class OursUnderPycognito(Pycognito):
    who = "ours under pycognito"

    def __enter__(self):
        cognito_srp6a.pycognito.install()
        return self

    def __exit__(self, *_):
        cognito_srp6a.pycognito.uninstall()


def sample(prepare, operation):
    """The processor time of one operation, in milliseconds: of as many as fill 5 ms, and at least of one."""
    spent = count = 0
    while spent < 5_000_000:
        prepared = prepare()
        begin = time.thread_time_ns()
        operation(prepared)
        spent += time.thread_time_ns() - begin
        count += 1
    return spent / count / 1e6


def check(peer):
    started = peer.start()
    KEY.verify(RECORD, peer.answer(started, KEY.challenge(RECORD, started[1])))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=25)
    rounds = parser.parse_args().rounds
    cognito_srp6a.pycognito.uninstall()
    peers = [Ours(), OursUnderPycognito(), Pycognito(), PycognitoGmpy2()]
    challenge = KEY.challenge(RECORD, Ours().start()[1])
    operations = {
        "srp_a": lambda peer: (lambda: None, lambda _: peer.start()),
        "password_verifier": lambda peer: (peer.start, lambda started: peer.answer(started, challenge)),
        "device_registration": lambda peer: (lambda: None, lambda _: peer.register()),
    }
    times = {}
    for round in range(rounds):
        for peer in peers:
            with peer:
                if round == 0:
                    check(peer)
                for name, operation in operations.items():
                    times.setdefault((name, peer.who), []).append(sample(*operation(peer)))
    medians = {key: statistics.median(samples) for key, samples in times.items()}
    for name in operations:
        for peer in peers:
            median, ours = medians[name, peer.who], medians[name, "ours"]
            print(json.dumps({"name": name, "who": peer.who, "median_ms": round_to(median), "ratio_to_ours": round_to(median / ours)}))


def round_to(number):
    return float(f"{number:.3g}")


main()
