//! The parameters of the group: the prime `N`, the generator `g`, and the constants that follow from them.
//!
//! RFC 3526 §4 (group 15, 3072 bits): `N = 2^3072 - 2^3008 - 1 + 2^64 · (⌊2^2942 · π⌋ + 1690314)`.
//! `tests/constants.rs` computes `N` from that formula, shows that `N` and `(N-1)/2` are prime (Miller-Rabin), and
//! recomputes every constant below in another way.

use super::limbs::{self, LIMBS, Limbs};

/// The generator, `g = 2`. It generates the subgroup of prime order `(N-1)/2`: the squares.
pub(crate) const G: u64 = 2;

/// `N`, most significant digit first, in the line layout of RFC 3526 §4.
const N_HEX: &[u8; 8 * 96] = b"\
FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD1\
29024E088A67CC74020BBEA63B139B22514A08798E3404DD\
EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245\
E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED\
EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3D\
C2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F\
83655D23DCA3AD961C62F356208552BB9ED529077096966D\
670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B\
E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9\
DE2BCBF6955817183995497CEA956AE515D2261898FA0510\
15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64\
ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7\
ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6B\
F12FFA06D98A0864D87602733EC86A64521F2B18177B200C\
BBE117577A615D6C770988C0BAD946E208E24FA074E5AB31\
43DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF";

/// `N`, the prime modulus.
pub(crate) const N: Limbs = parse_hex(N_HEX);

// N = -1 mod 2^64, so N' = -N^-1 mod 2^64 = 1, and the quotient digit of a Montgomery reduction is the low limb itself.
// The same holds mod 2^51.
const _: () = assert!(N[0] == u64::MAX);
// N > 2^3072 - 2^3008. So R mod N = R - N for R = 2^3072, a value below R needs at most one subtraction of N, and the
// sum of two residues needs a carry bit.
const _: () = assert!(N[LIMBS - 1] == u64::MAX);

/// The number of an exponent's leading bits that take doublings, not squarings. A product takes the compiler as long as dozens of doublings.
const BY_DOUBLING: u32 = 6;

/// Returns `2^e mod N`, also for negative `e`: the Montgomery radices and their powers.
///
/// For constants only: it is slow, and not constant-time in `e`.
pub(crate) const fn power_of_two(e: i32) -> Limbs {
    // The Montgomery form of 1 for R = 2^3072, which is R - N.
    let mut out = limbs::sub(&[0; LIMBS], &N).0;
    let mut bit = (u32::BITS - e.unsigned_abs().leading_zeros()).saturating_sub(BY_DOUBLING);
    // The leading bits keep the sign of `e`. The bits below them count as positive.
    let mut first = e >> bit;
    while first > 0 {
        out = double(&out);
        first -= 1;
    }
    while first < 0 {
        out = halve(&out);
        first += 1;
    }
    while bit > 0 {
        bit -= 1;
        out = montgomery_product(&out, &out);
        if (e >> bit) & 1 == 1 {
            out = double(&out);
        }
    }
    montgomery_product(&out, &limbs::ONE)
}

/// Returns `a·b/2^3072 mod N`, by rows. Runs at compile time only, on public values.
const fn montgomery_product(a: &Limbs, b: &Limbs) -> Limbs {
    let mut t = [0; LIMBS];
    let mut top = 0;
    let mut i = 0;
    while i < LIMBS {
        // Add a[i]·b + q·N, where q makes the lowest limb zero, and move down by one limb.
        let (mut low, mut carry) = limbs::mac(t[0], a[i], b[0], 0);
        let q = low;
        let mut borrowed = limbs::mac(low, q, N[0], 0).1;
        let mut j = 1;
        while j < LIMBS {
            (low, carry) = limbs::mac(t[j], a[i], b[j], carry);
            (t[j - 1], borrowed) = limbs::mac(low, q, N[j], borrowed);
            j += 1;
        }
        let (sum, over) = limbs::adc(top, carry, 0);
        let (sum, over_again) = limbs::adc(sum, borrowed, 0);
        t[LIMBS - 1] = sum;
        top = over + over_again;
        i += 1;
    }
    let (reduced, borrow) = limbs::sub(&t, &N);
    if top == 1 || borrow == 0 { reduced } else { t }
}

/// Returns `2·a mod N` for `a < N`. Runs at compile time only.
const fn double(a: &Limbs) -> Limbs {
    let (sum, carry) = limbs::add(a, a);
    let (reduced, borrow) = limbs::sub(&sum, &N);
    // 2a < 2N, so one subtraction is enough. It is needed if the sum has a carry or the subtraction does not borrow.
    if carry == 1 || borrow == 0 { reduced } else { sum }
}

/// Returns `a/2 mod N` for `a < N`. Runs at compile time only.
const fn halve(a: &Limbs) -> Limbs {
    // N is odd, so an odd a becomes even by adding it.
    let (even, carry) = if a[0] & 1 == 1 { limbs::add(a, &N) } else { (*a, 0) };
    let mut out = [0; LIMBS];
    let mut i = 0;
    while i < LIMBS {
        let above = if i + 1 < LIMBS { even[i + 1] } else { carry };
        out[i] = even[i] >> 1 | above << 63;
        i += 1;
    }
    out
}

/// Reads hex digits, most significant first. Runs at compile time only.
const fn parse_hex(digits: &[u8; 16 * LIMBS]) -> Limbs {
    let mut out = [0; LIMBS];
    let mut i = 0;
    while i < 16 * LIMBS {
        let digit = match digits[i] {
            c @ b'0'..=b'9' => c - b'0',
            c @ b'A'..=b'F' => c - b'A' + 10,
            _ => panic!("N is written in upper-case hex"),
        };
        let limb = LIMBS - 1 - (i >> 4);
        out[limb] = out[limb] << 4 | digit as u64;
        i += 1;
    }
    out
}
