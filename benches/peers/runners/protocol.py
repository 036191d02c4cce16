"""What the runners under Python share: requests come on standard input and answers go to standard output, one JSON object a line. See
`src/peer/runner.rs`."""

import json
import sys
import time


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
