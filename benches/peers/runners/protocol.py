"""What the runners under Python share: requests come on standard input and answers go to standard output, one JSON object a line. See
`src/peer/runner.rs`."""

import json
import sys
import time


class Runner:
    """A client: `start_client` returns a state and the `AuthParameters`, `answer_challenge` the answer, and `make_device` a password and its
    `DeviceSecretVerifierConfig`. `VERSIONS` are the client's and those of what it computes with."""

    VERSIONS: list[str]

    def __init__(self):
        self.given = None
        self.pending = None

    def setup(self, request):
        self.given = request
        operations = ["srp_a", "password_verifier", "sign_in", "device_registration"]
        return {"version": ", ".join(self.VERSIONS), "operations": operations}

    def start(self, _request):
        self.pending = self.start_client()
        return {"srp_a": self.pending[1]["SRP_A"]}

    def answer(self, request):
        return {"claim": self.answer_challenge(self.pending, request["challenge"])}

    def register_device(self, _request):
        password, config = self.make_device()
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


def serve(runner):
    requests = {
        "setup": runner.setup,
        "start": runner.start,
        "answer": runner.answer,
        "register_device": runner.register_device,
        "time": runner.time,
    }
    for line in sys.stdin:
        try:
            request = json.loads(line)
            reply = requests[request["do"]](request)
        except Exception as error:
            reply = {"error": repr(error)}
        print(json.dumps(reply), flush=True)


def measure(make, operation, times):
    """All states are made before the clock starts. The clock is the thread's processor time."""
    states = [make() for _ in range(times)]
    begin = time.thread_time_ns()
    for state in states:
        operation(state)
    return {"nanoseconds": time.thread_time_ns() - begin}
