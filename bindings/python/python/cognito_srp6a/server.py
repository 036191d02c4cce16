"""The server's half, for tests and emulators: records in place of passwords, challenges, and the check of a claim.

    record = UserRecord.from_password(pool_id, "alice", "Passw0rd!")
    key = ServerKey.generate()
    challenge_parameters = key.challenge(record, sign_in.auth_parameters)
    key.verify(record, sign_in.answer(challenge_parameters, "Passw0rd!"))
"""

from ._native import DeviceRecord, ServerKey, UserRecord, verify_secret_hash

__all__ = ["DeviceRecord", "ServerKey", "UserRecord", "verify_secret_hash"]
