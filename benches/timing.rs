//! Does the time of an exponentiation or a product depend on its secret? `cargo bench --bench timing`, 40 s.
//!
//! The result is evidence and not a pass mark. The method is dudect (Reparaz, Balasch and Verbauwhede, DATE 2017). The bench
//! times two classes of inputs in random order, one fixed and one random, and compares their means with Welch's t statistic.
//! It prints t for all samples and for the fastest nine tenths, which no interrupt has touched. By custom, an absolute value
//! above 4.5 is a sign of a leak if it stays there or grows with the time. On a busy machine single runs exceed it, and no
//! value proves that there is no leak. `tests/constant_time` checks the machine code.
//!
//! The control is `num-bigint`, whose exponentiation is faster for an exponent with few bits set.

use std::hint::black_box;
use std::time::{Duration, Instant};

use cognito_srp6a::hazmat::{self, Backend, ElementBytes};
use num_bigint::BigUint;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

/// The time for all measurements together. `TIMING_SECONDS` overrides it.
const SECONDS: u64 = 40;

/// `a + u·x` has 513 bits: one bit in the top byte.
const EXPONENT: usize = 65;

/// `a` and `b`.
const EPHEMERAL: usize = 40;

/// Inputs made before the clock starts, so that both classes are read from memory in the same way.
const BATCH: usize = 64;

/// Products by the same factor in one sample.
const PRODUCTS: usize = 64;

/// One exponentiation to time, or products of the base by a factor.
#[derive(Clone)]
struct Input {
    base: ElementBytes,
    exponent: Vec<u8>,
    factor: ElementBytes,
}

/// A name, and the digits.
type Pattern = (&'static str, fn() -> BigUint);

/// The digits of a factor, in the form in which a backend multiplies it: 0, 1, one bit in the middle, every 102nd bit,
/// all bits of the lower half.
const PATTERNS: [Pattern; 5] = [
    ("digits=0", || BigUint::ZERO),
    ("digits=1", || BigUint::from(1_u8)),
    ("digits=one bit", || BigUint::from(1_u8) << 1536_u32),
    ("digits=sparse", || (0..30).map(|i| BigUint::from(1_u8) << (102 * i)).sum()),
    ("digits=ones", || (BigUint::from(1_u8) << 1536_u32) - 1_u8),
];

fn main() {
    // Cargo also builds and runs benches as tests, with `--test`.
    let test = std::env::args().any(|argument| argument == "--test");
    let seconds =
        std::env::var("TIMING_SECONDS").map_or(SECONDS, |text| text.parse().expect("TIMING_SECONDS is a number"));
    let backends = Backend::all();
    let measurements = u32::try_from((4 + PATTERNS.len()) * backends.len() + 1).expect("there are few backends");
    let budget = if test { Duration::ZERO } else { Duration::from_secs(seconds) / measurements };

    println!("{:34} {:>8} {:>12} {:>12} {:>8} {:>8}", "", "samples", "fixed, µs", "random, µs", "t, all", "t, 90 %");
    let rng = &mut StdRng::seed_from_u64(8);
    let random = random_exponent::<EXPONENT>;
    for backend in backends {
        let pow = |input: &Input| {
            black_box(backend.pow(&input.base, &input.exponent).expect("65 bytes are not too long"));
        };
        let pow_g = |input: &Input| {
            black_box(backend.pow_g(&input.exponent).expect("40 bytes are not too long"));
        };
        let name = |what: &str| format!("{}/{what}", backend.name());
        // A fixed exponent with a single bit shows a dependence on digits or on zeros best.
        let base = random_base(rng);
        let fixed = Input { base, exponent: single_bit::<EXPONENT>(), factor: base };
        measure(
            &name("pow/exponent"),
            budget,
            rng,
            &fixed,
            |rng| Input { base, exponent: random(rng), factor: base },
            pow,
        );
        let exponent = random(rng);
        let fixed = Input { base: one(), exponent: exponent.clone(), factor: base };
        let varied = |rng: &mut StdRng| Input { base: random_base(rng), exponent: exponent.clone(), factor: base };
        measure(&name("pow/base=1"), budget, rng, &fixed, varied, pow);
        // N - 1 has the powers 1 and N - 1, and is the largest residue in every form.
        let fixed = Input { base: minus_one(), exponent: exponent.clone(), factor: base };
        measure(&name("pow/base=N-1"), budget, rng, &fixed, varied, pow);
        let fixed = Input { base, exponent: single_bit::<EPHEMERAL>(), factor: base };
        let varied = |rng: &mut StdRng| Input { base, exponent: random_exponent::<EPHEMERAL>(rng), factor: base };
        measure(&name("pow_g/exponent"), budget, rng, &fixed, varied, pow_g);

        let mul = |input: &Input| {
            black_box(backend.mul_repeatedly(&input.base, &input.factor, PRODUCTS));
        };
        for (pattern, digits) in PATTERNS {
            let fixed = Input { base, exponent: Vec::new(), factor: factor(backend, &digits()) };
            let varied = |rng: &mut StdRng| Input { base, exponent: Vec::new(), factor: random_base(rng) };
            measure(&name(&format!("mul/{pattern}")), budget, rng, &fixed, varied, mul);
        }
    }
    let modulus = BigUint::from_bytes_be(&hazmat::modulus());
    let base = random_base(rng);
    let fixed = Input { base, exponent: single_bit::<EXPONENT>(), factor: base };
    let control = |input: &Input| {
        let power = BigUint::from_bytes_be(&input.base).modpow(&BigUint::from_bytes_be(&input.exponent), &modulus);
        black_box(power);
    };
    let varied = |rng: &mut StdRng| Input { base, exponent: random(rng), factor: base };
    measure("control: num-bigint/pow/exponent", budget, rng, &fixed, varied, control);
}

/// Times both classes in turns and prints the statistics. It takes at least one batch.
fn measure(
    name: &str,
    budget: Duration,
    rng: &mut StdRng,
    fixed: &Input,
    random: impl Fn(&mut StdRng) -> Input,
    run: impl Fn(&Input),
) {
    run(fixed);
    let mut samples = [Vec::new(), Vec::new()];
    let started = Instant::now();
    loop {
        let batch: Vec<_> = (0..BATCH)
            .map(|_| {
                let class = usize::from(rng.next_u32() & 1 == 1);
                // Draw for both classes, so that making their inputs leaves the same traces.
                let varied = random(rng);
                (class, if class == 0 { fixed.clone() } else { varied })
            })
            .collect();
        for (class, input) in &batch {
            let begun = Instant::now();
            run(input);
            samples[*class].push(begun.elapsed().as_secs_f64() * 1e6);
        }
        if started.elapsed() >= budget {
            break;
        }
    }
    report(name, samples);
}

fn report(name: &str, mut samples: [Vec<f64>; 2]) {
    let mut all = samples.concat();
    let count = all.len();
    let t_all = welch(&samples);
    let limit = quantile(&mut all, 9, 10);
    let medians = samples.each_mut().map(|class| quantile(class, 1, 2));
    let t_fast = welch(&samples.map(|class| class.into_iter().filter(|sample| *sample <= limit).collect()));
    println!("{name:34} {count:>8} {:>12.2} {:>12.2} {t_all:>8.2} {t_fast:>8.2}", medians[0], medians[1]);
}

/// Returns Welch's t of two classes of samples.
fn welch(classes: &[Vec<f64>; 2]) -> f64 {
    let [(m0, s0), (m1, s1)] = classes.each_ref().map(|class| {
        #[allow(clippy::cast_precision_loss, reason = "there are fewer than 2^52 samples")]
        let count = class.len() as f64;
        let mean = class.iter().sum::<f64>() / count;
        let variance = class.iter().map(|sample| (sample - mean).powi(2)).sum::<f64>() / (count - 1.0);
        (mean, variance / count)
    });
    (m0 - m1) / (s0 + s1).sqrt()
}

/// Sorts the samples and returns the one below which `part` of `whole` lie.
fn quantile(samples: &mut [f64], part: usize, whole: usize) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples[samples.len() * part / whole]
}

fn random_exponent<const BYTES: usize>(rng: &mut StdRng) -> Vec<u8> {
    let mut out = vec![0; BYTES];
    rng.fill_bytes(&mut out);
    out
}

fn single_bit<const BYTES: usize>() -> Vec<u8> {
    let mut out = vec![0; BYTES];
    out[BYTES - 1] = 1;
    out
}

fn random_base(rng: &mut StdRng) -> ElementBytes {
    let mut out = [0; 384];
    rng.fill_bytes(&mut out);
    // This is below N, because the top 64 bits of N are ones.
    out[0] = 0x7f;
    out
}

/// The number whose Montgomery form in a backend has these digits.
fn factor(backend: Backend, digits: &BigUint) -> ElementBytes {
    // The radix of the backends on 64-bit limbs, and those on digits of 28 and of 51 bits.
    let bits = match backend.name() {
        "portable" | "bmi2" => 3072_u32,
        "digits28" => 3080,
        _ => 3264,
    };
    let modulus = BigUint::from_bytes_be(&hazmat::modulus());
    let radix = (BigUint::from(1_u8) << bits) % &modulus;
    let bytes = (digits * radix.modpow(&(&modulus - 2_u8), &modulus) % &modulus).to_bytes_be();
    let mut out = [0; 384];
    out[384 - bytes.len()..].copy_from_slice(&bytes);
    out
}

fn one() -> ElementBytes {
    let mut out = [0; 384];
    out[383] = 1;
    out
}

fn minus_one() -> ElementBytes {
    let mut out = hazmat::modulus();
    out[383] -= 1;
    out
}
