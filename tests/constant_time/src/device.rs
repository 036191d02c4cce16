//! A remembered device, client side.

use cognito_srp6a::hazmat::Backend;
use cognito_srp6a::server::{DeviceRecord, ServerKey};
use cognito_srp6a::{Device, DeviceCredentials, DeviceSignIn, DeviceSrpResponses};

use crate::Secrecy::{Public, Secret};
use crate::user::{on_the_wire, sent};
use crate::valgrind::{has_secret, public, public_key_in, public_text};
use crate::{MAX_AGE, Source, app, bytes, now, secret_text, user};

fn device() -> Device {
    Device::new("us-east-1_0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9".parse().unwrap(), "-Ab1Cd2Ef").unwrap()
}

/// The random bytes of the password are secret, the salt is not.
pub fn registration(_: Backend) {
    let random = &mut Source::new(1, &[Secret, Public]);
    let (credentials, verifier) = DeviceCredentials::register_with_rng(device(), random).unwrap();
    assert!(has_secret(credentials.expose_password(), 40), "the password is made of secrets");
    public_text(credentials.expose_password());
    // It is sent, and its length with it. `allowed.toml` has the reports of its encoding, which show that it depends on the
    // password: the check fails without them.
    let mut password_verifier = verifier.password_verifier();
    public(&mut password_verifier);
    public_text(&password_verifier);

    let random = &mut Source::new(1, &[Public, Public]);
    let (expected, same_verifier) = DeviceCredentials::register_with_rng(device(), random).unwrap();
    assert_eq!(credentials.expose_password(), expected.expose_password());
    assert_eq!(password_verifier, same_verifier.password_verifier());
    assert_eq!(verifier.salt(), same_verifier.salt());
}

/// `a` and the device's password are secret.
pub fn sign_in(_: Backend) {
    let (credentials, verifier) =
        DeviceCredentials::register_with_rng(device(), &mut Source::new(1, &[Public, Public])).unwrap();
    let record = DeviceRecord::new(device(), verifier);
    let password = secret_text(credentials.expose_password()).parse().unwrap();
    let credentials = DeviceCredentials::from_parts(device(), password);

    let random = &mut Source::new(2, &[Secret]);
    let (mut sign_in, start) = DeviceSignIn::start_with_rng(&app(), &user(), &credentials, random).unwrap();
    let start = DeviceSrpResponses::from_parameters(&on_the_wire(start.into_pairs())).unwrap();
    public_key_in(&mut sign_in);

    let key = ServerKey::from_bytes(bytes(3)).unwrap();
    let random = &mut Source::new(4, &[Public]);
    let challenge = key.device_challenge_with_rng(&record, &start, now(), random).unwrap();
    let mut claim = sign_in.answer(challenge, now()).unwrap();
    assert!(has_secret(&claim, 32), "the signature depends on secrets");
    public(&mut claim);
    assert_eq!(key.verify_device(&record, &sent(claim), now(), MAX_AGE), Ok(()));
}
