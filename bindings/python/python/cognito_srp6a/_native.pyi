"""The types of the compiled module. `cognito_srp6a` and `cognito_srp6a.server` give its names to the user."""

from datetime import datetime
from typing import Optional, Union, final

from typing_extensions import Self

__all__ = [
    "DeviceCredentials",
    "DeviceRecord",
    "DeviceSignIn",
    "ServerKey",
    "UserRecord",
    "UserSignIn",
    "secret_hash",
    "verify_secret_hash",
]

_Secret = Union[str, bytes, bytearray]

@final
class UserSignIn:
    """A user's sign-in that has been started and waits for its challenge.

    It holds a secret exponent. Answering consumes it: a second answer raises `AlreadyAnsweredError`.
    """

    def __new__(
        cls,
        pool_id: str,
        client_id: str,
        username: str,
        client_secret: Optional[_Secret] = None,
        device_key: Optional[str] = None,
    ) -> Self: ...
    @property
    def auth_parameters(self) -> dict[str, str]:
        """`AuthParameters` of `InitiateAuth` or `AdminInitiateAuth` with the flow `USER_SRP_AUTH`."""

    def answer(
        self, challenge_parameters: dict[str, str], password: _Secret, now: Optional[datetime] = None
    ) -> dict[str, str]:
        """Answers `PASSWORD_VERIFIER`: returns the `ChallengeResponses` of `RespondToAuthChallenge`."""

@final
class DeviceCredentials:
    """The credentials of a remembered device: two names and a password."""

    def __new__(cls, device_key: str, device_group_key: str, password: _Secret) -> Self: ...
    @staticmethod
    def register(device_key: str, device_group_key: str) -> tuple[DeviceCredentials, dict[str, str]]:
        """Makes a password: returns the credentials and the `DeviceSecretVerifierConfig` of `ConfirmDevice`."""

    @property
    def device_key(self) -> str: ...
    @property
    def device_group_key(self) -> str: ...
    def expose_password(self) -> str:
        """The password, to be stored: a secret. Python does not wipe the text."""

@final
class DeviceSignIn:
    """A device's sign-in that has been started and waits for its challenge. Answering consumes it."""

    def __new__(
        cls,
        pool_id: str,
        client_id: str,
        username: str,
        credentials: DeviceCredentials,
        client_secret: Optional[_Secret] = None,
    ) -> Self: ...
    @property
    def challenge_responses(self) -> dict[str, str]:
        """`ChallengeResponses` of `DEVICE_SRP_AUTH`."""

    def answer(self, challenge_parameters: dict[str, str], now: Optional[datetime] = None) -> dict[str, str]:
        """Answers `DEVICE_PASSWORD_VERIFIER`: returns the `ChallengeResponses` of `RespondToAuthChallenge`."""

def secret_hash(username: str, client_id: str, client_secret: _Secret) -> str:
    """`SECRET_HASH` of a request: the hash over the `USERNAME` in the same request."""

@final
class UserRecord:
    """A user's salt and verifier, which a server stores in place of the password."""

    @staticmethod
    def from_password(pool_id: str, user_id: str, password: _Secret) -> UserRecord: ...
    @staticmethod
    def from_parts(pool_id: str, user_id: str, salt: str, verifier: bytes) -> UserRecord: ...
    def verify_password(self, password: _Secret) -> None: ...
    @property
    def user_id(self) -> str: ...
    @property
    def salt(self) -> str: ...
    def expose_verifier(self) -> bytes: ...

@final
class DeviceRecord:
    """A device's salt and verifier, as `ConfirmDevice` has brought them, and its names."""

    def __new__(
        cls, device_key: str, device_group_key: str, device_secret_verifier_config: dict[str, str]
    ) -> Self: ...
    @property
    def device_key(self) -> str: ...
    @property
    def device_group_key(self) -> str: ...

@final
class ServerKey:
    """The key of a server that stores nothing between challenge and claim."""

    @staticmethod
    def generate() -> ServerKey: ...
    @staticmethod
    def from_bytes(key: bytes) -> ServerKey: ...
    def expose_bytes(self) -> bytes: ...
    def challenge(
        self, record: UserRecord, auth_parameters: dict[str, str], now: Optional[datetime] = None
    ) -> dict[str, str]: ...
    def device_challenge(
        self, record: DeviceRecord, challenge_responses: dict[str, str], now: Optional[datetime] = None
    ) -> dict[str, str]: ...
    def verify(
        self,
        record: UserRecord,
        challenge_responses: dict[str, str],
        now: Optional[datetime] = None,
        max_age: Optional[int] = None,
    ) -> None: ...
    def verify_device(
        self,
        record: DeviceRecord,
        challenge_responses: dict[str, str],
        now: Optional[datetime] = None,
        max_age: Optional[int] = None,
    ) -> None: ...

def verify_secret_hash(username: str, client_id: str, client_secret: _Secret, presented: Optional[str]) -> None:
    """Checks the `SECRET_HASH` of a request. Raises `NotAuthorizedError` for a wrong one and `ParameterError` for none."""
