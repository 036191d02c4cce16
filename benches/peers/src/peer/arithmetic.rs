//! Arithmetic libraries: their operations, and the steps of the protocol built from them.

use std::hint::black_box;

use cognito_srp6a::hazmat::ElementBytes;

use super::Peer;
use crate::Result;
use crate::candidate::Candidate;
use crate::inputs::{self, Inputs};
use crate::name::Name;

/// Arithmetic mod `N` in a library's own numbers, with the functions that its authors recommend for secrets.
pub trait Arithmetic: 'static {
    const WHO: &'static str;
    /// Whether the exponentiation is meant for secrets.
    const CONSTANT_TIME: bool = false;
    /// Whether single products are measured.
    const PRODUCTS: bool = true;

    type Number;
    type Exponent;

    fn version(&self) -> String;
    /// Reads a big-endian integer below `N`.
    fn number(&self, bytes: &[u8]) -> Self::Number;
    fn bytes(&self, number: &Self::Number) -> ElementBytes;
    /// Reads a big-endian exponent, whose length in bits is public.
    fn exponent(&self, bytes: &[u8]) -> Self::Exponent;

    fn pow(&self, base: &Self::Number, exponent: &Self::Exponent) -> Self::Number;
    /// Returns a power of the generator.
    fn pow_g(&self, g: &Self::Number, exponent: &Self::Exponent) -> Self::Number {
        self.pow(g, exponent)
    }
    /// Returns `a·b^times`. The conversions to and from the library's form are outside the loop.
    fn mul_repeatedly(&self, a: &Self::Number, b: &Self::Number, times: u64) -> Self::Number;
    /// Returns `a^(2^times)`.
    fn square_repeatedly(&self, a: &Self::Number, times: u64) -> Self::Number;
    fn add(&self, a: &Self::Number, b: &Self::Number) -> Self::Number;
    fn sub(&self, a: &Self::Number, b: &Self::Number) -> Self::Number;

    fn mul(&self, a: &Self::Number, b: &Self::Number) -> Self::Number {
        self.mul_repeatedly(a, b, 1)
    }
}

/// A library as a peer. For a step of the protocol it does the same exponentiations and multiplications mod `N` as we do,
/// with exponents as short as ours, and none of the hashing, parsing and printing around them.
pub struct Library<A>(pub A);

impl<A: Arithmetic> Peer for Library<A> {
    fn who(&self) -> &'static str {
        A::WHO
    }

    fn version(&self) -> String {
        self.0.version()
    }

    fn constant_time(&self) -> bool {
        A::CONSTANT_TIME
    }

    fn candidate<'a>(&'a self, name: Name, inputs: &'a Inputs) -> Result<Option<Candidate<'a>>> {
        let library = &self.0;
        let steps = Steps::new(library, inputs);
        let [a, b] = inputs.factors.each_ref().map(|factor| library.number(factor));
        Ok(Some(match name {
            Name::Mul | Name::Square if !A::PRODUCTS => return Ok(None),
            Name::Mul => {
                let result = library.mul_repeatedly(&a, &b, 3);
                inputs::expect_equal(&library.bytes(&result), &inputs.expected(name)?)?;
                Candidate::counted(A::WHO, move |times| library.mul_repeatedly(&a, &b, times))
            }
            Name::Square => {
                let result = library.square_repeatedly(&a, 3);
                inputs::expect_equal(&library.bytes(&result), &inputs.expected(name)?)?;
                Candidate::counted(A::WHO, move |times| library.square_repeatedly(&a, times))
            }
            Name::Modexp(bits) => {
                let exponent = library.exponent(inputs.exponent(bits));
                checked(library, name, inputs, move || library.pow(black_box(&a), &exponent))?
            }
            Name::SrpA => checked(library, name, inputs, move || steps.client_public())?,
            Name::PasswordVerifier => checked(library, name, inputs, move || steps.client_premaster())?,
            Name::PendingSignIn => checked(library, name, inputs, move || steps.server_public())?,
            Name::ServerVerify => checked(library, name, inputs, move || steps.server_premaster())?,
            Name::DeviceRegistration => checked(library, name, inputs, move || steps.verifier())?,
            Name::SignIn => checked(library, name, inputs, move || {
                black_box(steps.client_public());
                steps.client_premaster()
            })?,
        }))
    }
}

/// Runs an operation once, compares the result, and returns the operation as a candidate.
fn checked<'a, A: Arithmetic>(
    library: &A,
    name: Name,
    inputs: &Inputs,
    operation: impl Fn() -> A::Number + 'a,
) -> Result<Candidate<'a>> {
    inputs::expect_equal(&library.bytes(&operation()), &inputs.expected(name)?)?;
    Ok(Candidate::repeated(A::WHO, operation))
}

/// The values of one exchange in a library's numbers.
struct Steps<'a, A: Arithmetic> {
    library: &'a A,
    g: A::Number,
    k: A::Number,
    v: A::Number,
    client_public: A::Number,
    server_public: A::Number,
    a: A::Exponent,
    b: A::Exponent,
    u: A::Exponent,
    x: A::Exponent,
    client_exponent: A::Exponent,
}

impl<'a, A: Arithmetic> Steps<'a, A> {
    fn new(library: &'a A, inputs: &Inputs) -> Self {
        Self {
            library,
            g: library.number(&[inputs::G]),
            k: library.number(&inputs.k),
            v: library.number(&inputs.v),
            client_public: library.number(&inputs.client_public),
            server_public: library.number(&inputs.server_public),
            a: library.exponent(&inputs.a),
            b: library.exponent(&inputs.b),
            u: library.exponent(&inputs.u),
            x: library.exponent(&inputs.x),
            client_exponent: library.exponent(&inputs.client_exponent),
        }
    }

    /// `g^a`
    fn client_public(&self) -> A::Number {
        self.library.pow_g(&self.g, &self.a)
    }

    /// `g^x`
    fn verifier(&self) -> A::Number {
        self.library.pow_g(&self.g, &self.x)
    }

    /// `(B - k·g^x)^(a + u·x)`
    fn client_premaster(&self) -> A::Number {
        let kv = self.library.mul(&self.k, &self.verifier());
        self.library.pow(&self.library.sub(&self.server_public, &kv), &self.client_exponent)
    }

    /// `k·v + g^b`
    fn server_public(&self) -> A::Number {
        let kv = self.library.mul(&self.k, &self.v);
        self.library.add(&kv, &self.library.pow_g(&self.g, &self.b))
    }

    /// `(A·v^u)^b`
    fn server_premaster(&self) -> A::Number {
        let v_u = self.library.pow(&self.v, &self.u);
        self.library.pow(&self.library.mul(&self.client_public, &v_u), &self.b)
    }
}
