//! The group's operations on every backend of this machine, with num-bigint and crypto-bigint beside them.
//!
//! `cargo bench --bench group`. The inputs come from a fixed seed and are the same for all. The bench compares the results
//! before it measures.

use std::hint::black_box;

use cognito_srp6a::hazmat::{self, Backend, ElementBytes};
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{Odd, U3072};
use num_bigint::BigUint;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

/// One element in the form of each library.
struct Operand {
    bytes: ElementBytes,
    num: BigUint,
    monty: FixedMontyForm<{ U3072::LIMBS }>,
}

struct Scene {
    rng: StdRng,
    modulus: BigUint,
    params: FixedMontyParams<{ U3072::LIMBS }>,
}

impl Scene {
    fn new() -> Self {
        let modulus = hazmat::modulus();
        let odd = Odd::new(U3072::from_be_slice(&modulus)).unwrap();
        Self {
            rng: StdRng::seed_from_u64(6),
            modulus: BigUint::from_bytes_be(&modulus),
            params: FixedMontyParams::new_vartime(odd),
        }
    }

    fn operand(&mut self) -> Operand {
        let mut bytes = [0; 384];
        self.rng.fill_bytes(&mut bytes);
        // This is below N, because the top 64 bits of N are ones.
        bytes[0] = 0x7f;
        Operand {
            bytes,
            num: BigUint::from_bytes_be(&bytes),
            monty: FixedMontyForm::new(&U3072::from_be_slice(&bytes), &self.params),
        }
    }

    fn exponent(&mut self, bytes: usize) -> Vec<u8> {
        let mut exponent = vec![0; bytes];
        self.rng.fill_bytes(&mut exponent);
        exponent
    }
}

fn plain(value: &FixedMontyForm<{ U3072::LIMBS }>) -> BigUint {
    BigUint::from_bytes_be(value.retrieve().to_be_bytes().as_ref())
}

fn ours(group: &mut BenchmarkGroup<'_, criterion::measurement::WallTime>, mut run: impl FnMut(Backend)) {
    for backend in Backend::all() {
        group.bench_function(BenchmarkId::new("ours", backend.name()), |b| b.iter(|| run(backend)));
    }
}

/// Multiplications in one call of ours, so that the conversions to and from Montgomery form do not count.
const TIMES: usize = 1000;

fn products(c: &mut Criterion) {
    let mut scene = Scene::new();
    let (a, b) = (scene.operand(), scene.operand());
    let expected = &a.num * &b.num % &scene.modulus;
    for backend in Backend::all() {
        assert_eq!(BigUint::from_bytes_be(&backend.mul_repeatedly(&a.bytes, &b.bytes, 1)), expected);
    }
    assert_eq!(plain(&(a.monty * b.monty)), expected);

    let mut group = c.benchmark_group("group/mul");
    group.throughput(Throughput::Elements(TIMES as u64));
    ours(&mut group, |backend| {
        black_box(backend.mul_repeatedly(&a.bytes, &b.bytes, TIMES));
    });
    group.throughput(Throughput::Elements(1));
    group.bench_function("crypto-bigint", |bench| bench.iter(|| black_box(a.monty) * black_box(b.monty)));
    group.bench_function("num-bigint", |bench| bench.iter(|| black_box(&a.num) * black_box(&b.num) % &scene.modulus));
    group.finish();

    let mut group = c.benchmark_group("group/square");
    group.throughput(Throughput::Elements(TIMES as u64));
    ours(&mut group, |backend| {
        black_box(backend.square_repeatedly(&a.bytes, TIMES));
    });
    group.throughput(Throughput::Elements(1));
    group.bench_function("crypto-bigint", |bench| bench.iter(|| black_box(a.monty).square()));
    group.bench_function("num-bigint", |bench| bench.iter(|| black_box(&a.num) * black_box(&a.num) % &scene.modulus));
    group.finish();
}

fn powers(c: &mut Criterion) {
    let mut scene = Scene::new();
    for bits in [256_u32, 320, 513, 1024] {
        let base = scene.operand();
        let mut exponent = scene.exponent(bits.div_ceil(8) as usize);
        if bits == 513 {
            // a + u·x has 513 bits: one bit in the top byte.
            exponent[0] = 1;
        }
        let num_exponent = BigUint::from_bytes_be(&exponent);
        let wide = U3072::from_be_slice(&[vec![0; 384 - exponent.len()], exponent.clone()].concat());
        let expected = base.num.modpow(&num_exponent, &scene.modulus);
        for backend in Backend::all() {
            assert_eq!(BigUint::from_bytes_be(&backend.pow(&base.bytes, &exponent).unwrap()), expected);
        }
        assert_eq!(plain(&base.monty.pow_bounded_exp(&wide, bits)), expected);

        let mut group = c.benchmark_group(format!("group/pow/{bits}"));
        ours(&mut group, |backend| {
            black_box(backend.pow(&base.bytes, &exponent).unwrap());
        });
        group.bench_function("crypto-bigint", |b| b.iter(|| black_box(base.monty).pow_bounded_exp(&wide, bits)));
        group.bench_function("num-bigint", |b| b.iter(|| base.num.modpow(black_box(&num_exponent), &scene.modulus)));
        group.finish();
    }
}

fn powers_of_g(c: &mut Criterion) {
    let mut scene = Scene::new();
    for bits in [256_u32, 320] {
        let exponent = scene.exponent((bits >> 3) as usize);
        let num_exponent = BigUint::from_bytes_be(&exponent);
        let wide = U3072::from_be_slice(&[vec![0; 384 - exponent.len()], exponent.clone()].concat());
        let g = FixedMontyForm::new(&U3072::from(2_u8), &scene.params);
        let expected = BigUint::from(2_u8).modpow(&num_exponent, &scene.modulus);
        for backend in Backend::all() {
            assert_eq!(BigUint::from_bytes_be(&backend.pow_g(&exponent).unwrap()), expected);
        }

        let mut group = c.benchmark_group(format!("group/comb/{bits}"));
        ours(&mut group, |backend| {
            black_box(backend.pow_g(&exponent).unwrap());
        });
        group.bench_function("crypto-bigint", |b| b.iter(|| black_box(g).pow_bounded_exp(&wide, bits)));
        let two = BigUint::from(2_u8);
        group.bench_function("num-bigint", |b| b.iter(|| two.modpow(black_box(&num_exponent), &scene.modulus)));
        group.finish();
    }
}

criterion_group!(benches, products, powers, powers_of_g);
criterion_main!(benches);
