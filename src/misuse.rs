//! Misuses that do not compile. Each item is a doctest; only `cargo test` reads this file.

/// `UserSignIn::answer`
///
/// ```compile_fail,E0308
/// # use cognito_srp6a::{Error, PasswordChallenge, Timestamp, UserSignIn};
/// # fn unparsed(sign_in: UserSignIn, challenge: PasswordChallenge, now: Timestamp) -> Result<(), Error> {
/// sign_in.answer(challenge, "Passw0rd!", now)?;
/// # Ok(())
/// # }
/// ```
struct TextPassword;

/// `UserSignIn::answer`
///
/// ```compile_fail,E0308
/// # use cognito_srp6a::{Error, PasswordChallenge, Timestamp, UserSignIn, Username};
/// # fn swapped(sign_in: UserSignIn, challenge: PasswordChallenge, username: &Username, now: Timestamp) -> Result<(), Error> {
/// sign_in.answer(challenge, username, now)?;
/// # Ok(())
/// # }
/// ```
struct NameAsPassword;

/// `UserSignIn::answer`
///
/// ```compile_fail,E0308
/// # use cognito_srp6a::{DeviceChallenge, Error, Password, Timestamp, UserSignIn};
/// # fn crossed(sign_in: UserSignIn, challenge: DeviceChallenge, password: &Password, now: Timestamp) -> Result<(), Error> {
/// sign_in.answer(challenge, password, now)?;
/// # Ok(())
/// # }
/// ```
struct DeviceChallengeToUser;

/// `UserSignIn::start`
///
/// ```compile_fail,E0308
/// # use cognito_srp6a::{AppClient, Error, UserSignIn};
/// # fn unparsed(app: &AppClient) -> Result<(), Error> {
/// UserSignIn::start(app, "alice")?;
/// # Ok(())
/// # }
/// ```
struct StartText;

/// `DeviceSignIn`
///
/// ```compile_fail,E0061
/// # use cognito_srp6a::{DeviceChallenge, DeviceCredentials, DeviceSignIn, Error, Timestamp};
/// # fn foreign(sign_in: DeviceSignIn, other: &DeviceCredentials, challenge: DeviceChallenge, now: Timestamp) -> Result<(), Error> {
/// sign_in.answer(other, challenge, now)?;
/// # Ok(())
/// # }
/// ```
struct ForeignCredentials;

/// `DeviceSignIn`
///
/// ```compile_fail,E0308
/// # use cognito_srp6a::{DeviceSignIn, Error, PasswordChallenge, Timestamp};
/// # fn crossed(sign_in: DeviceSignIn, challenge: PasswordChallenge, now: Timestamp) -> Result<(), Error> {
/// sign_in.answer(challenge, now)?;
/// # Ok(())
/// # }
/// ```
struct UserChallengeToDevice;

/// `PasswordClaim`
///
/// ```compile_fail,E0382
/// # use cognito_srp6a::PasswordClaim;
/// # fn twice(claim: PasswordClaim) {
/// let one = claim.into_pairs();
/// let two = claim.into_pairs();
/// # }
/// ```
struct ClaimTwice;

/// `PasswordClaim`
///
/// ```compile_fail,E0308
/// # use cognito_srp6a::PasswordClaim;
/// # fn copy(claim: &PasswordClaim) -> PasswordClaim {
/// claim.clone()
/// # }
/// ```
struct CloneClaim;

/// `PasswordClaim`
///
/// ```compile_fail,E0599
/// # use cognito_srp6a::{DeviceKey, PasswordClaim};
/// # fn other_device(claim: PasswordClaim, key: DeviceKey) -> PasswordClaim {
/// claim.with_device_key(key)
/// # }
/// ```
struct ClaimDeviceKey;

/// `Password`
///
/// ```compile_fail,E0308
/// # use cognito_srp6a::Password;
/// # fn copy(password: &Password) -> Password {
/// password.clone()
/// # }
/// ```
struct ClonePassword;

/// `Password`
///
/// ```compile_fail,E0369
/// # use cognito_srp6a::Password;
/// # fn compare(one: &Password, two: &Password) -> bool {
/// one == two
/// # }
/// ```
struct EqPassword;

/// `Password`
///
/// ```compile_fail,E0277
/// # use cognito_srp6a::Password;
/// # fn print(password: &Password) {
/// println!("{password}");
/// # }
/// ```
struct PrintPassword;

/// `UserRecord::from_password`
///
/// ```compile_fail,E0308
/// # use cognito_srp6a::{Error, Password, PoolId, Username, server::UserRecord};
/// # fn swapped(pool: &PoolId, username: &Username, password: &Password) -> Result<UserRecord, Error> {
/// UserRecord::from_password(pool, password, username)
/// # }
/// ```
struct SwapRecord;

/// `UserRecord::verify_password`
///
/// ```compile_fail,E0308
/// # use cognito_srp6a::{Error, server::UserRecord};
/// # fn unparsed(record: &UserRecord) -> Result<(), Error> {
/// record.verify_password("Passw0rd!")
/// # }
/// ```
struct RecordTextPassword;

/// `DeviceRecord::new`
///
/// ```compile_fail,E0308
/// # use cognito_srp6a::{Device, server::DeviceRecord};
/// # fn unread(device: Device) -> DeviceRecord {
/// DeviceRecord::new(device, "AQ==")
/// # }
/// ```
struct RecordOfTextVerifier;

/// `ServerKey::challenge`
///
/// ```compile_fail,E0308
/// # use cognito_srp6a::{Error, SrpB, Timestamp, server::{ServerKey, UserRecord}, PasswordChallenge};
/// # fn crossed(key: &ServerKey, record: &UserRecord, srp_b: &SrpB, now: Timestamp) -> Result<PasswordChallenge, Error> {
/// key.challenge(record, srp_b, now)
/// # }
/// ```
struct SrpBAsA;

/// `ServerKey::device_challenge`
///
/// ```compile_fail,E0308
/// # use cognito_srp6a::{DeviceChallenge, Error, SrpAuthParameters, Timestamp, server::{DeviceRecord, ServerKey}};
/// # fn crossed(key: &ServerKey, record: &DeviceRecord, start: &SrpAuthParameters, now: Timestamp) -> Result<DeviceChallenge, Error> {
/// key.device_challenge(record, start, now)
/// # }
/// ```
struct UserStartAsDevice;

/// `ServerKey::verify`
///
/// ```compile_fail,E0308
/// # use core::time::Duration;
/// # use cognito_srp6a::{Error, PasswordClaim, Timestamp, server::{DeviceRecord, ServerKey}};
/// # fn crossed(key: &ServerKey, record: &DeviceRecord, claim: &PasswordClaim, now: Timestamp) -> Result<(), Error> {
/// key.verify(record, claim, now, Duration::from_secs(300))
/// # }
/// ```
struct DeviceRecordAsUser;

/// `UnknownUserKey::record`
///
/// ```compile_fail,E0599
/// # use cognito_srp6a::{PoolId, Username, server::{ServerKey, UserRecord}};
/// # fn fake(key: &ServerKey, pool: &PoolId, username: &Username) -> UserRecord {
/// key.record(pool, username)
/// # }
/// ```
struct ServerKeyForFakes;

/// `idp::Credentials`
///
/// ```compile_fail,E0308
/// # use cognito_srp6a::idp::Credentials;
/// # fn unparsed() -> Credentials {
/// Credentials::new("alice")
/// # }
/// ```
struct CredentialsText;

/// `idp::Credentials`
///
/// ```compile_fail,E0308
/// # use cognito_srp6a::Username;
/// # use cognito_srp6a::idp::Credentials;
/// # fn swapped(username: Username, password: Username) -> Credentials {
/// Credentials::new(username).with_password(password)
/// # }
/// ```
struct CredentialsPasswordName;

/// `idp::SignIn`
///
/// ```compile_fail,E0382
/// # use cognito_srp6a::Timestamp;
/// # use cognito_srp6a::idp::{AuthResponse, SignIn, SignInError};
/// # fn twice(sign_in: SignIn, one: AuthResponse, two: AuthResponse, now: Timestamp) -> Result<(), SignInError> {
/// sign_in.advance(Ok(one), now)?;
/// sign_in.advance(Ok(two), now)?;
/// # Ok(())
/// # }
/// ```
struct SignInAfterAdvance;
