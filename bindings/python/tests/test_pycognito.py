"""`cognito_srp6a.pycognito` puts itself under `AWSSRP`, and takes itself away again."""

import unittest
import warnings

import cognito_srp6a.pycognito
import common
from cognito_srp6a import AlreadyAnsweredError, NotAuthorizedError, ParameterError, server

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from pycognito import aws_srp

DEVICE = {"device_key": common.DEVICE_KEY, "device_group_key": common.DEVICE_GROUP_KEY}


def srp(password=common.PASSWORD, **more):
    names = {"pool_id": common.POOL_ID, "client_id": common.CLIENT_ID, **more}
    # Nothing is sent, so any object will do as the client.
    return aws_srp.AWSSRP(username="alice", password=password, client=object(), **names)


class Pycognito(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.key = server.ServerKey.generate()
        cls.record = server.UserRecord.from_password(common.POOL_ID, "alice", common.PASSWORD)

    def answer(self, client, **changes):
        start = client.get_auth_params()
        challenge = {**self.key.challenge(self.record, start), **changes}
        return client.process_challenge(challenge, start)

    def test_the_proof_is_ours(self):
        client = srp(client_secret=common.CLIENT_SECRET)
        self.assertIsNone(client.small_a_value)
        self.assertEqual(client.get_auth_params()["SRP_A"], f"{client.large_a_value:x}")
        self.key.verify(self.record, self.answer(client))
        with self.assertRaises(NotAuthorizedError):
            self.key.verify(self.record, self.answer(srp("wrong")))
        for function in [client.get_password_authentication_key, client.get_device_authentication_key]:
            with self.assertRaises(NotImplementedError):
                function()

    def test_each_answer_has_an_exponent_of_its_own(self):
        client = srp()
        seen = set()
        for _ in range(3):
            seen.add(client.get_auth_params()["SRP_A"])
            seen.add(client.get_auth_params()["SRP_A"])
            self.key.verify(self.record, self.answer(client))
        self.assertEqual(len(seen), 3)
        with self.assertRaises(AlreadyAnsweredError):
            client.process_challenge(self.key.challenge(self.record, srp().get_auth_params()), {"USERNAME": "alice"})

    def test_names_that_change_start_the_sign_in_anew(self):
        client = srp()
        first = client.get_auth_params()
        client.device_key = common.DEVICE_KEY
        second = client.get_auth_params()
        self.assertNotEqual(first["SRP_A"], second["SRP_A"])
        self.assertEqual(second["DEVICE_KEY"], common.DEVICE_KEY)

    def test_the_name_of_the_request_stands_in_for_one_that_is_missing(self):
        client = srp()
        start = client.get_auth_params()
        challenge = self.key.challenge(self.record, start)
        del challenge["USERNAME"]
        self.assertEqual(client.process_challenge(challenge, {"USERNAME": "typed"})["USERNAME"], "typed")

    def test_a_device_registers_and_signs_in(self):
        password, config = aws_srp.generate_hash_device(common.DEVICE_GROUP_KEY, common.DEVICE_KEY)
        record = server.DeviceRecord(common.DEVICE_KEY, common.DEVICE_GROUP_KEY, config)
        client = srp(client_secret=common.CLIENT_SECRET, device_password=password, **DEVICE)
        for _ in range(2):
            of_user = client.large_a_value
            self.key.verify(self.record, self.answer(client))
            of_device = client.large_a_value
            self.assertEqual((of_device, client.large_a_value != of_user), (client.large_a_value, True))
            start = {"USERNAME": "alice", "DEVICE_KEY": common.DEVICE_KEY, "SRP_A": f"{of_device:x}"}
            claim = client.process_device_challenge(self.key.device_challenge(record, start))
            self.key.verify_device(record, claim)
            self.assertEqual((claim["DEVICE_KEY"], "SECRET_HASH" in claim), (common.DEVICE_KEY, True))
            with self.assertRaises(AlreadyAnsweredError):
                client.process_device_challenge(self.key.device_challenge(record, start))

    def test_what_the_service_would_refuse_is_refused_before(self):
        with self.assertRaises(ParameterError) as raised:
            srp(pool_id="no_pool!").get_auth_params()
        self.assertEqual(raised.exception.parameter, "UserPoolId")

    def test_pycognito_is_as_it_was_after_uninstall(self):
        cognito_srp6a.pycognito.install()
        cognito_srp6a.pycognito.uninstall()
        try:
            client = srp()
            self.assertGreater(client.small_a_value, 0)
            self.assertNotIn("large_a_value", vars(aws_srp.AWSSRP))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                self.key.verify(self.record, self.answer(client))
        finally:
            cognito_srp6a.pycognito.install()
        self.assertIsNone(srp().small_a_value)


if __name__ == "__main__":
    unittest.main()
