"""Wrong types and wild values in every argument of every function: no panic, and no exception that is not documented."""

import datetime
import os
import unittest

import cognito_srp6a
import common
from cognito_srp6a import DeviceCredentials, DeviceSignIn, UserSignIn, secret_hash, server

# It stands in every text, so that a message which quotes its input shows.
MARK = "MARKmarkMARK"
ROUNDS = int(os.environ.get("ROUNDS", "3000"))

KEY = server.ServerKey.generate()
RECORD = server.UserRecord.from_password(common.POOL_ID, "alice", common.PASSWORD)
CREDENTIALS, CONFIG = DeviceCredentials.register(common.DEVICE_KEY, common.DEVICE_GROUP_KEY)
DEVICE_RECORD = server.DeviceRecord(common.DEVICE_KEY, common.DEVICE_GROUP_KEY, CONFIG)
NAMES = [common.POOL_ID, common.CLIENT_ID, "alice"]


def user(*arguments):
    return UserSignIn(*NAMES).answer(*arguments)


def device(*arguments):
    return DeviceSignIn(*NAMES, CREDENTIALS).answer(*arguments)


def now():
    return datetime.datetime.now(datetime.timezone.utc)


SIGN_IN, DEVICE_SIGN_IN = UserSignIn(*NAMES), DeviceSignIn(*NAMES, CREDENTIALS)
START, DEVICE_START = SIGN_IN.auth_parameters, DEVICE_SIGN_IN.challenge_responses
CHALLENGE, DEVICE_CHALLENGE = KEY.challenge(RECORD, START), KEY.device_challenge(DEVICE_RECORD, DEVICE_START)
CLAIM, DEVICE_CLAIM = SIGN_IN.answer(CHALLENGE, common.PASSWORD), DEVICE_SIGN_IN.answer(DEVICE_CHALLENGE)
VERIFIER = RECORD.expose_verifier()

# Each function with arguments that are right.
CALLS = {
    "UserSignIn": (UserSignIn, [*NAMES, common.CLIENT_SECRET, common.DEVICE_KEY]),
    "UserSignIn.answer": (user, [CHALLENGE, common.PASSWORD, now()]),
    "DeviceCredentials": (DeviceCredentials, [common.DEVICE_KEY, common.DEVICE_GROUP_KEY, "x"]),
    "register": (DeviceCredentials.register, [common.DEVICE_KEY, common.DEVICE_GROUP_KEY]),
    "DeviceSignIn": (DeviceSignIn, [*NAMES, CREDENTIALS, common.CLIENT_SECRET]),
    "DeviceSignIn.answer": (device, [DEVICE_CHALLENGE, now()]),
    "secret_hash": (secret_hash, ["alice", common.CLIENT_ID, common.CLIENT_SECRET]),
    "verify_secret_hash": (server.verify_secret_hash, ["alice", common.CLIENT_ID, common.CLIENT_SECRET, "x" * 44]),
    "from_password": (server.UserRecord.from_password, [common.POOL_ID, "alice", common.PASSWORD]),
    "from_parts": (server.UserRecord.from_parts, [common.POOL_ID, "alice", "c0ffee", VERIFIER]),
    "verify_password": (RECORD.verify_password, [common.PASSWORD]),
    "DeviceRecord": (server.DeviceRecord, [common.DEVICE_KEY, common.DEVICE_GROUP_KEY, CONFIG]),
    "from_bytes": (server.ServerKey.from_bytes, [KEY.expose_bytes()]),
    "challenge": (KEY.challenge, [RECORD, START, now()]),
    "device_challenge": (KEY.device_challenge, [DEVICE_RECORD, DEVICE_START, now()]),
    "verify": (KEY.verify, [RECORD, CLAIM, now(), 300]),
    "verify_device": (KEY.verify_device, [DEVICE_RECORD, DEVICE_CLAIM, now(), 300]),
}

WILD = [
    None, True, 0, -1, 1 << 63, 1 << 64, -(1 << 200), 1.5, float("nan"), float("inf"), 1j, object(), int, len, ...,
    "", MARK, MARK * 100_000, "\ud800" + MARK, "\x00", "\U0010ffff" * 300, "é" * 20_000, "0", "-1", "f" * 768, "f" * 770,
    b"", MARK.encode(), b"\xff" + MARK.encode(), bytes(384), b"\xff" * 384, bytes(32), bytearray(1 << 20), memoryview(b"x"),
    [], [MARK], (), set(), {}, {MARK: MARK}, {1: 2}, {"SALT": 1}, frozenset(),
    datetime.datetime.min, datetime.datetime.max, datetime.datetime.max.replace(tzinfo=datetime.timezone.utc),
    datetime.datetime.min.replace(tzinfo=datetime.timezone(datetime.timedelta(hours=23))), datetime.date.today(),
    datetime.timedelta.max, KEY, RECORD, DEVICE_RECORD, CREDENTIALS, UserSignIn(*NAMES),
]  # fmt: skip


class Hostile(unittest.TestCase):
    def call(self, name, function, arguments):
        """Nothing but a result or a documented exception, which quotes nothing and hides no other one behind it."""
        documented = (cognito_srp6a.Error, TypeError)
        try:
            function(*arguments)
        except documented as error:
            self.check(error)
        except ValueError as error:
            self.assertIn("max_age", str(error), name)
            self.check(error)

    def check(self, error):
        text = f"{error} {error!r} {error.args}"
        self.assertNotIn(MARK, text)
        self.assertLess(len(text), 1000)
        self.assertIsNone(error.__cause__)
        # A chained exception would hold the input, as `UnicodeEncodeError` does.
        self.assertIsNone(error.__context__)

    def test_right_arguments_are_taken(self):
        for name, (function, arguments) in CALLS.items():
            with self.subTest(name):
                try:
                    function(*arguments)
                except cognito_srp6a.NotAuthorizedError:
                    self.assertEqual(name, "verify_secret_hash")

    def test_every_wild_value_in_every_place(self):
        for name, (function, arguments) in CALLS.items():
            for place in range(len(arguments)):
                for wild in WILD:
                    self.call(name, function, [*arguments[:place], wild, *arguments[place + 1 :]])

    def test_a_wrong_number_of_arguments(self):
        for function, arguments in CALLS.values():
            for count in [0, 1, len(arguments) + 1, 20]:
                if count != len(arguments):
                    self.call("count", function, (arguments * 20)[:count])

    def test_random_changes(self):
        random = common.seeded()
        calls = list(CALLS.items())
        for _ in range(ROUNDS):
            name, (function, arguments) = random.choice(calls)
            changed = [change(random, argument) if random.random() < 0.5 else argument for argument in arguments]
            self.call(name, function, changed)


def change(random, value):
    """Another value that is like this one."""
    if random.random() < 0.1:
        return random.choice(WILD)
    if isinstance(value, dict):
        changed = {key: change(random, text) if random.random() < 0.3 else text for key, text in value.items()}
        if changed and random.random() < 0.2:
            del changed[random.choice(list(changed))]
        return changed
    if isinstance(value, (str, bytes)):
        place = random.randrange(len(value) + 1)
        middle = random.choice(["", "0", "=", "\ud912", "é", "\n", MARK, "f" * 1000]) if isinstance(value, str) else os.urandom(2)
        return value[:place] + middle + value[place + random.randrange(3) :]
    if isinstance(value, datetime.datetime):
        zone = random.choice([None, datetime.timezone.utc, datetime.timezone(datetime.timedelta(hours=-23))])
        return datetime.datetime(random.randrange(1, 10000), 1, 1, tzinfo=zone)
    return value


if __name__ == "__main__":
    unittest.main()
