"""Arithmetic runs without the interpreter's lock.

No thread is asked to give the lock up here (`setswitchinterval`), so a thread that waits runs only while another one has given it
up by itself.
"""

import sys
import threading
import unittest

import common
from cognito_srp6a import DeviceCredentials, DeviceSignIn, UserSignIn, server

NAMES = common.POOL_ID, common.CLIENT_ID, "alice"
TRIES = 200


def gives_the_lock_up(prepare, call):
    """Returns whether a waiting thread has run at least once while `call` ran."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1000)
    try:
        return any(has_run_during(call, prepare()) for _ in range(TRIES))
    finally:
        sys.setswitchinterval(before)


def has_run_during(call, prepared):
    may_run, ran = threading.Lock(), []
    may_run.acquire()

    def wait():
        with may_run:
            ran.append(True)

    thread = threading.Thread(target=wait)
    thread.start()
    may_run.release()
    call(prepared)
    seen = bool(ran)
    thread.join()
    return seen


class Lock(unittest.TestCase):
    def test_a_call_that_keeps_the_lock_is_found(self):
        modulus = (1 << 3072) - 1942289
        self.assertFalse(gives_the_lock_up(lambda: None, lambda _: pow(3, modulus >> 2500, modulus)))

    def test_each_call_with_an_exponentiation_gives_the_lock_up(self):
        key, record = server.ServerKey.generate(), server.UserRecord.from_password(common.POOL_ID, "alice", "x")
        names = common.DEVICE_KEY, common.DEVICE_GROUP_KEY
        credentials, config = DeviceCredentials.register(*names)
        device_record = server.DeviceRecord(*names, config)

        def started():
            sign_in = UserSignIn(*NAMES)
            return sign_in, key.challenge(record, sign_in.auth_parameters)

        def device_started():
            sign_in = DeviceSignIn(*NAMES, credentials)
            return sign_in, key.device_challenge(device_record, sign_in.challenge_responses)

        nothing = lambda: None  # noqa: E731
        for name, prepare, call in [
            ("UserSignIn", nothing, lambda _: UserSignIn(*NAMES)),
            ("answer", started, lambda started: started[0].answer(started[1], "x")),
            ("DeviceSignIn", nothing, lambda _: DeviceSignIn(*NAMES, credentials)),
            ("DeviceSignIn.answer", device_started, lambda started: started[0].answer(started[1])),
            ("register", nothing, lambda _: DeviceCredentials.register(*names)),
            ("from_password", nothing, lambda _: server.UserRecord.from_password(common.POOL_ID, "alice", "x")),
            ("verify_password", nothing, lambda _: record.verify_password("x")),
            ("challenge", started, lambda started: key.challenge(record, started[0].auth_parameters)),
            ("verify", lambda: (lambda started: started[0].answer(started[1], "x"))(started()), lambda claim: key.verify(record, claim)),
        ]:
            with self.subTest(name):
                self.assertTrue(gives_the_lock_up(prepare, call))


if __name__ == "__main__":
    unittest.main()
