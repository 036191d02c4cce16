//! A program with every backend, as any program that uses the crate has them. It is there to be proved.

use std::hint::black_box;

use cognito_srp6a::hazmat::{self, Backend};

fn main() {
    let base = black_box([3; 384]);
    let (small, other) = (black_box([5; 32]), black_box([7; 32]));
    for element in [
        hazmat::add(&base, &black_box([4; 384])),
        hazmat::sub(&base, &black_box([4; 384])),
        hazmat::verifier(small),
        hazmat::client_public(&small).expect("32 bytes are few enough"),
        hazmat::server_public(&base, &small).expect("the numbers are in range"),
        hazmat::client_premaster(&small, &base, small, other).expect("the numbers are in range"),
        hazmat::server_premaster(&base, &base, other, &small).expect("the numbers are in range"),
    ] {
        println!("{:?}", element[0]);
    }
    for backend in Backend::all() {
        let product = backend.mul_repeatedly(&base, &base, 1);
        let square = backend.square_repeatedly(&base, 1);
        let power = backend.pow(&base, &base[..40]).expect("40 bytes are few enough");
        let power_of_g = backend.pow_g(&base[..40]).expect("40 bytes are few enough");
        println!("{}: {:?}", backend.name(), [product[0], square[0], power[0], power_of_g[0]]);
    }
}
