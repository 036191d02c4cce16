"""Both halves together, and what a sign-in must not let anybody do."""

import copy
import datetime
import pickle
import threading
import unittest

import cognito_srp6a
import common
from cognito_srp6a import (
    AlreadyAnsweredError,
    DeviceCredentials,
    DeviceSignIn,
    NotAuthorizedError,
    ParameterError,
    UserSignIn,
    secret_hash,
    server,
)

NAMES = common.POOL_ID, common.CLIENT_ID, "alice"


class SignIn(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.key = server.ServerKey.generate()
        cls.record = server.UserRecord.from_password(common.POOL_ID, "alice", common.PASSWORD)

    def challenge(self, sign_in):
        return self.key.challenge(self.record, sign_in.auth_parameters)

    def test_the_right_password_signs_in_and_a_wrong_one_does_not(self):
        for password, right in [(common.PASSWORD, True), (common.PASSWORD + "x", False), ("", False)]:
            sign_in = UserSignIn(*NAMES)
            claim = sign_in.answer(self.challenge(sign_in), password)
            if right:
                self.key.verify(self.record, claim)
            else:
                with self.assertRaises(NotAuthorizedError):
                    self.key.verify(self.record, claim)

    def test_a_password_is_text_or_its_utf_8(self):
        for text in ["pässwörd", "pa\u0308ss", "密码", "🦀 crab", "\x00\x7f", "x" * 256, "🦀" * 256]:
            record = server.UserRecord.from_password(common.POOL_ID, "alice", text)
            for password in [text, text.encode(), bytearray(text.encode())]:
                record.verify_password(password)

    def test_a_message_has_the_parameters_of_the_service(self):
        sign_in = UserSignIn(*NAMES, client_secret=common.CLIENT_SECRET, device_key=common.DEVICE_KEY)
        start = sign_in.auth_parameters
        self.assertEqual(set(start), {"USERNAME", "SRP_A", "SECRET_HASH", "DEVICE_KEY"})
        self.assertEqual(start["SECRET_HASH"], secret_hash("alice", common.CLIENT_ID, common.CLIENT_SECRET))
        # The caller's changes are the caller's.
        sign_in.auth_parameters.clear()
        self.assertEqual(sign_in.auth_parameters, start)
        claim = sign_in.answer({**self.challenge(sign_in), "USERNAME": "another name"}, common.PASSWORD)
        self.assertEqual(claim["SECRET_HASH"], secret_hash("another name", common.CLIENT_ID, common.CLIENT_SECRET))
        names = {"USERNAME", "PASSWORD_CLAIM_SECRET_BLOCK", "PASSWORD_CLAIM_SIGNATURE", "TIMESTAMP"}
        self.assertEqual(set(claim), names | {"SECRET_HASH", "DEVICE_KEY"})
        self.key.verify(self.record, claim)

    def test_a_device_registers_and_signs_in(self):
        credentials, config = DeviceCredentials.register(common.DEVICE_KEY, common.DEVICE_GROUP_KEY)
        stored = credentials.device_key, credentials.device_group_key, credentials.expose_password()
        record = server.DeviceRecord(*stored[:2], config)
        for password, right in [(stored[2], True), (stored[2][:-1], False)]:
            sign_in = DeviceSignIn(*NAMES, DeviceCredentials(*stored[:2], password), common.CLIENT_SECRET)
            self.assertEqual(set(sign_in.challenge_responses), {"USERNAME", "SRP_A", "SECRET_HASH", "DEVICE_KEY"})
            claim = sign_in.answer(self.key.device_challenge(record, sign_in.challenge_responses))
            if right:
                self.key.verify_device(record, claim)
            else:
                with self.assertRaises(NotAuthorizedError):
                    self.key.verify_device(record, claim)
            with self.assertRaises(AlreadyAnsweredError):
                sign_in.answer(self.key.device_challenge(record, sign_in.challenge_responses))

    def test_an_answer_consumes_the_sign_in_and_a_refused_challenge_does_not(self):
        sign_in = UserSignIn(*NAMES)
        challenge = self.challenge(sign_in)
        with self.assertRaises(ParameterError):
            sign_in.answer({**challenge, "SRP_B": "0"}, common.PASSWORD)
        with self.assertRaises(ParameterError):
            sign_in.answer(challenge, "x" * 257)
        self.key.verify(self.record, sign_in.answer(challenge, common.PASSWORD))
        with self.assertRaises(AlreadyAnsweredError):
            sign_in.answer(challenge, common.PASSWORD)

    def test_one_of_many_threads_gets_the_answer(self):
        sign_in, answers, refused = UserSignIn(*NAMES), [], []
        challenge = self.challenge(sign_in)
        barrier = threading.Barrier(8)

        def answer():
            barrier.wait()
            try:
                answers.append(sign_in.answer(challenge, common.PASSWORD))
            except AlreadyAnsweredError as error:
                refused.append(error)

        threads = [threading.Thread(target=answer) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual((len(answers), len(refused)), (1, 7))

    def test_nothing_secret_can_be_copied_or_printed(self):
        credentials, config = DeviceCredentials.register(common.DEVICE_KEY, common.DEVICE_GROUP_KEY)
        device_record = server.DeviceRecord(common.DEVICE_KEY, common.DEVICE_GROUP_KEY, config)
        things = [UserSignIn(*NAMES), credentials, DeviceSignIn(*NAMES, credentials), self.record, device_record, self.key]
        for thing in things:
            self.assertRegex(repr(thing), r"^<cognito_srp6a\.[\w.]+ object at 0x[0-9a-f]+>$")
            for copied in [copy.copy, copy.deepcopy, pickle.dumps]:
                with self.assertRaises(TypeError):
                    copied(thing)
            with self.assertRaises((AttributeError, TypeError)):
                thing.attribute = 1

    def test_now_is_an_aware_datetime(self):
        def timestamp(now):
            sign_in = UserSignIn(*NAMES)
            return sign_in.answer(self.challenge(sign_in), common.PASSWORD, now)["TIMESTAMP"]

        zone = datetime.timezone(datetime.timedelta(hours=5, minutes=30))
        moment = datetime.datetime(2024, 1, 2, 8, 34, 5, 999_999, tzinfo=zone)
        self.assertEqual(timestamp(moment), "Tue Jan 2 03:04:05 UTC 2024")
        last = datetime.datetime.max.replace(tzinfo=datetime.timezone.utc)
        self.assertEqual(timestamp(last), "Fri Dec 31 23:59:59 UTC 9999")
        for now in [moment.replace(tzinfo=None), datetime.datetime.min.replace(tzinfo=datetime.timezone.utc)]:
            with self.assertRaises(ParameterError) as raised:
                timestamp(now)
            self.assertEqual(raised.exception.parameter, "TIMESTAMP")

    def test_the_server_refuses_what_is_old_or_of_another_key(self):
        sign_in = UserSignIn(*NAMES)
        claim = sign_in.answer(self.challenge(sign_in), common.PASSWORD)
        later = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=400)
        same_key = server.ServerKey.from_bytes(self.key.expose_bytes())
        same_key.verify(self.record, claim)
        same_key.verify(self.record, claim, later, 1000)
        for key, now in [(self.key, later), (server.ServerKey.generate(), None)]:
            with self.assertRaises(NotAuthorizedError):
                key.verify(self.record, claim, now)

    def test_a_secret_hash_is_checked(self):
        names = "alice", common.CLIENT_ID, common.CLIENT_SECRET
        server.verify_secret_hash(*names, secret_hash(*names))
        with self.assertRaises(NotAuthorizedError):
            server.verify_secret_hash(*names, secret_hash("bob", *names[1:]))
        with self.assertRaises(ParameterError):
            server.verify_secret_hash(*names, None)

    def test_an_error_is_a_python_exception_with_the_parameter(self):
        with self.assertRaises(ValueError) as raised:
            UserSignIn("no pool", common.CLIENT_ID, "alice")
        error = raised.exception
        self.assertIsInstance(error, cognito_srp6a.Error)
        self.assertEqual((error.kind, error.parameter), ("Malformed", "UserPoolId"))
        self.assertNotIn("no pool", str(error) + repr(error))
        again = pickle.loads(pickle.dumps(error))
        self.assertEqual((str(again), again.kind, again.parameter), (str(error), error.kind, error.parameter))


if __name__ == "__main__":
    unittest.main()
