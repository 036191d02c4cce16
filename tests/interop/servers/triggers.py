"""The Lambda functions of a pool: custom challenges that come twice, after the password if it is proved first."""

import contextlib
import http.server
import json
import threading

import common


@contextlib.contextmanager
def serving():
    """Runs the functions, and returns their URL."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Functions)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


class Functions(http.server.BaseHTTPRequestHandler):
    """Takes an event and sends it back with what its function decides."""

    def do_POST(self):
        event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        decide = DECISIONS.get(event["triggerSource"])
        if decide:
            event["response"] = decide(event["request"])
        body = json.dumps(event).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def define(request):
    rounds = [(each["challengeName"], each["challengeResult"]) for each in request["session"]]
    answered = rounds.count(("CUSTOM_CHALLENGE", True))
    if any(not right for _, right in rounds) or request.get("userNotFound"):
        return {"issueTokens": False, "failAuthentication": True}
    if answered == common.CUSTOM_ROUNDS:
        return {"issueTokens": True, "failAuthentication": False}
    proves = rounds and rounds[-1][0] == "SRP_A"
    name = "PASSWORD_VERIFIER" if proves else "CUSTOM_CHALLENGE"
    return {"challengeName": name, "issueTokens": False, "failAuthentication": False}


def create(request):
    return {
        "publicChallengeParameters": {"question": f"What is the answer to question {len(request['session'])}?"},
        "privateChallengeParameters": {"answer": common.CUSTOM_ANSWER},
        "challengeMetadata": "QUESTION",
    }


def verify(request):
    return {"answerCorrect": request["challengeAnswer"] == request["privateChallengeParameters"]["answer"]}


# The functions of all other triggers change nothing.
DECISIONS = {
    "DefineAuthChallenge_Authentication": define,
    "CreateAuthChallenge_Authentication": create,
    "VerifyAuthChallengeResponse_Authentication": verify,
}
