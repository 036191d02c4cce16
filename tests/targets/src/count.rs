//! Does one operation of the group some number of times with the same operands, for whoever counts instructions.
//!
//! `count BACKEND NAME TIMES` prints the end of the result, `count --list` the names of the backends, `count --in-use` the name of the
//! one that the crate uses.

use std::env;

use cognito_srp6a::hazmat::Backend;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["--in-use"] => println!("{}", Backend::in_use().name()),
        ["--list"] => Backend::all().into_iter().for_each(|backend| println!("{}", backend.name())),
        [backend, name, times] => run(backend, name, times.parse().expect("TIMES is a number")),
        _ => panic!("usage: count BACKEND mul|square|modexp-513|comb-320 TIMES"),
    }
}

fn run(backend: &str, name: &str, times: usize) {
    let backend =
        Backend::all().into_iter().find(|other| other.name() == backend).expect("this machine has the backend");
    let (a, b) = ([0x5a; 384], [0xa5; 384]);
    // As long as the client's `a + u·x`.
    let exponent = [&[1][..], &[0xa5; 64]].concat();
    let result = match name {
        "mul" => backend.mul_repeatedly(&a, &b, times),
        "square" => backend.square_repeatedly(&a, times),
        "modexp-513" => {
            (0..times).fold(a, |a, _| backend.pow_below(&a, &exponent, 513).expect("the exponent has 513 bits"))
        }
        "comb-320" => (0..times).fold(a, |a, _| backend.pow_g(&a[..40]).expect("the exponent has 320 bits")),
        _ => panic!("there is no operation {name}"),
    };
    println!("{:02x?}", &result[376..]);
}
