"""Every case of `vectors/` that goes through this package: whole sign-ins with the exponent of the case, and what is refused.

Single steps (`encoding.json`, `srp6a.json`, `group.json`) and stored challenges have no counterpart in Python.
"""

import base64
import datetime
import unittest

import common
from cognito_srp6a import DeviceCredentials, ParameterError, UserSignIn, _native, secret_hash, server

UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=UTC)


class Vectors(unittest.TestCase):
    def each(self, file, at_least, check, kinds=None):
        """Runs a check on the cases of some kinds. Their number is known, so that none is passed over."""
        done = 0
        for case in common.cases(file):
            if kinds is None or case["kind"] in kinds:
                with self.subTest(file=file, tcId=case["tcId"], comment=case["comment"]):
                    check(case)
                done += 1
        self.assertGreaterEqual(done, at_least)

    def test_users_sign_in_as_the_vectors_do(self):
        self.each("user_auth.json", 58, self.user)

    def test_both_sides_of_a_sign_in(self):
        self.each("server.json", 30, self.user_and_record)

    def test_devices_sign_in_as_the_vectors_do(self):
        self.each("device_auth.json", 11, self.device, ["device_signature"])

    def test_devices_register_as_the_vectors_do(self):
        self.each("device_auth.json", 10, self.registration, ["device_verifier"])

    def test_secret_hashes(self):
        self.each("secret_hash.json", 15, self.hash)

    def test_timestamps_are_printed(self):
        self.each("timestamp.json", 36, self.printed, ["timestamp"])

    def test_timestamps_are_read(self):
        self.each("timestamp.json", 38, self.read, ["timestamp_text"])

    def test_hostile_input_is_refused_with_its_parameter(self):
        # The exponent is not an input of this package.
        kinds = ["challenge", "server_srp_a", "pool_id", "username", "password", "client_id", "client_secret"]
        self.each("rejection.json", 160, self.rejection, kinds)

    def test_disagreements(self):
        self.each("disagreements.json", 15, self.disagreement, ["user"])
        self.each("disagreements.json", 1, self.disputed_registration, ["device_verifier"])

    def user(self, case):
        sign_in = started(case)
        expected = case["expected"]
        self.expect(expected, "A", sign_in.auth_parameters["SRP_A"])
        self.expect(expected, "secret_hash_initiate", sign_in.auth_parameters.get("SECRET_HASH"))
        claim = sign_in.answer(challenge(case), case["password"], time(case))
        self.expect(expected, "signature", claim["PASSWORD_CLAIM_SIGNATURE"])
        self.expect(expected, "secret_hash_respond", claim.get("SECRET_HASH"))
        self.assertEqual(claim["TIMESTAMP"], case["timestamp"])
        self.assertEqual(claim["USERNAME"], case["user_id_for_srp"])
        self.assertEqual(claim["PASSWORD_CLAIM_SECRET_BLOCK"], case["secret_block"])

    def user_and_record(self, case):
        self.user(case)
        verifier = int(case["expected"]["verifier"], 16).to_bytes(384, "big")
        record = server.UserRecord.from_parts(case["pool_id"], case["user_id_for_srp"], case["salt"], verifier)
        self.assertEqual((record.salt, record.expose_verifier()), (case["salt"], verifier))
        record.verify_password(case["password"])
        with self.assertRaises(server_error("NotAuthorizedError")):
            record.verify_password(case["password"] + "x")

    def device(self, case):
        credentials = DeviceCredentials(case["device_key"], case["device_group_key"], case["device_password"])
        username = case.get("username", "user")
        client_id, secret = case.get("client_id", "client"), case.get("client_secret")
        sign_in = _native._start_device_sign_in(
            magnitude(case["a"]), common.POOL_ID, client_id, username, credentials, secret
        )
        expected = case["expected"]
        self.expect(expected, "A", sign_in.challenge_responses["SRP_A"])
        self.expect(expected, "secret_hash_respond", sign_in.challenge_responses.get("SECRET_HASH"))
        claim = sign_in.answer({**challenge(case), "USERNAME": username}, time(case))
        self.expect(expected, "signature", claim["PASSWORD_CLAIM_SIGNATURE"])
        self.expect(expected, "secret_hash_respond", claim.get("SECRET_HASH"))
        self.assertEqual(claim["DEVICE_KEY"], case["device_key"])

    def registration(self, case):
        names = case["device_key"], case["device_group_key"]
        expected = case["expected"]
        if "random_password" not in case:
            # The password is not one that registering draws: its verifier must be that of the credentials.
            config = {"PasswordVerifier": expected["password_verifier_base64"], "Salt": expected["salt_base64"]}
            credentials, record = DeviceCredentials(*names, case["device_password"]), server.DeviceRecord(*names, config)
            sign_in = _native.DeviceSignIn(common.POOL_ID, "client", "user", credentials)
            key = server.ServerKey.generate()
            key.verify_device(record, sign_in.answer(key.device_challenge(record, sign_in.challenge_responses)))
            return
        random = bytes.fromhex(case["random_password"] + case["random_salt"])
        credentials, config = _native._register_device(random, *names)
        self.expect(expected, "device_password", credentials.expose_password())
        self.expect(expected, "password_verifier_base64", config["PasswordVerifier"])
        self.expect(expected, "salt_base64", config["Salt"])
        server.DeviceRecord(*names, config)

    def hash(self, case):
        arguments = case["username"], case["client_id"], case["client_secret"]
        expected = case["expected"]["secret_hash"]
        try:
            self.assertEqual(secret_hash(*arguments), expected)
        except ParameterError as error:
            # Some sources hash secrets and names that the service does not make.
            self.assertFalse(is_of_the_service(*arguments), str(error))
            return
        server.verify_secret_hash(*arguments, expected)

    def printed(self, case):
        sign_in = UserSignIn(common.POOL_ID, "client", "user")
        claim = sign_in.answer(CHALLENGE, "x", EPOCH + datetime.timedelta(seconds=case["unix_seconds"]))
        self.assertEqual(claim["TIMESTAMP"], case["expected"]["timestamp"])

    def read(self, case):
        """A server takes the one spelling."""
        record, key, claim = sealed()
        claim["TIMESTAMP"] = case["timestamp_text"]
        try:
            key.verify(record, claim)
        except ParameterError as error:
            self.assertEqual((case["result"], error.parameter), ("invalid", "TIMESTAMP"))
        except server_error("NotAuthorizedError"):
            # Read, and found stale.
            self.assertEqual(case["result"], "valid")

    def rejection(self, case):
        if case["result"] == "valid":
            return read_input(case)
        with self.assertRaises(ParameterError) as raised:
            read_input(case)
        expected = case["expected"]
        self.assertEqual((raised.exception.kind, raised.exception.parameter), (expected["error"], expected["parameter"]))

    def disagreement(self, case):
        expect = case["ours"]["expect"]
        if case["result"] == "unchecked":
            return
        inputs = case["inputs"]
        sign_in = started(inputs)
        if "error" in expect:
            with self.assertRaises(ParameterError) as raised:
                sign_in.answer(challenge(inputs), inputs["password"], time(inputs))
            self.assertEqual((raised.exception.kind, raised.exception.parameter), (expect["error"], expect["parameter"]))
        else:
            claim = sign_in.answer(challenge(inputs), inputs["password"], time(inputs))
            self.assertEqual(claim["PASSWORD_CLAIM_SIGNATURE"], expect["signature"])

    def disputed_registration(self, case):
        if case["result"] != "unchecked":
            self.registration({**case["inputs"], "expected": case["ours"]["expect"]})

    def expect(self, expected, name, actual):
        if name in expected:
            self.assertEqual(actual, expected[name], name)


CHALLENGE = {"USER_ID_FOR_SRP": "user", "SALT": "1", "SRP_B": "3", "SECRET_BLOCK": "AAECAw=="}


def started(case):
    username = case.get("username", case["user_id_for_srp"])
    names = case["pool_id"], case.get("client_id", "client"), username, case.get("client_secret")
    return _native._start_user_sign_in(magnitude(case["a"]), *names)


def challenge(case):
    return {
        "USER_ID_FOR_SRP": case.get("user_id_for_srp", "user"),
        "SALT": case.get("salt_text", case.get("salt")),
        "SRP_B": case.get("srp_b_text", case.get("srp_b")),
        "SECRET_BLOCK": case["secret_block"],
    }


def time(case):
    return EPOCH + datetime.timedelta(seconds=case["unix_seconds"])


def magnitude(digits):
    return bytes.fromhex("0" * (len(digits) % 2) + digits)


def sealed():
    """A record, its server, and a right claim."""
    record = server.UserRecord.from_password(common.POOL_ID, "user", "x")
    key, sign_in = server.ServerKey.generate(), UserSignIn(common.POOL_ID, "client", "user")
    return record, key, sign_in.answer(key.challenge(record, sign_in.auth_parameters), "x")


def read_input(case):
    kind = case["kind"]
    names = {"pool_id": "us-east-1_abc", "client_id": "client", "username": "user"}
    if kind == "challenge":
        UserSignIn(**names).answer(case["parameters"], "x")
    elif kind == "server_srp_a":
        record = server.UserRecord.from_password("us-east-1_abc", "user", "x")
        server.ServerKey.generate().challenge(record, {"USERNAME": "user", "SRP_A": case["srp_a_text"]})
    elif kind == "password":
        UserSignIn(**names).answer(CHALLENGE, case["password"])
        UserSignIn(**names).answer(CHALLENGE, case["password"].encode())
    else:
        UserSignIn(**{**names, kind: case[kind]})


def is_of_the_service(username, client_id, client_secret):
    word = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+")
    fits = set(client_id) <= word and set(client_secret) <= word and 1 <= len(client_id) <= 128
    return fits and 24 <= len(client_secret) <= 64 and 1 <= len(username) <= 128


def server_error(name):
    import cognito_srp6a

    return getattr(cognito_srp6a, name)


if __name__ == "__main__":
    unittest.main()
