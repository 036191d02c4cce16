//! AVX-IFMA: four digits in a vector and 16 registers, for CPUs that have these instructions but no AVX-512.
//! [`digits51`](super::digits51) describes the format and proves the bounds.
//!
//! The columns are computed a block of 16 at a time, four vectors of low and four of high halves, which stay in
//! registers. All products that reach the block are added, then its digits are computed.

use core::arch::x86_64::{
    __m256i, _mm256_and_si256, _mm256_madd52hi_avx_epu64, _mm256_madd52lo_avx_epu64, _mm256_setzero_si256,
};
use core::ops::Range;

use super::avx2::{
    self, ABOVE, LANES, Lanes, WIDTH, above_digits, broadcast, interleaved, lanes, moved_up_one, plus, vector,
};
use super::digits51::{DIGIT_MAX, LARGE_M, N_DIGITS, RADIX_BITS, Residue, SMALL_M, STEP, from_limbs, leave, rolled};
use crate::group::arithmetic::Arithmetic;
use crate::group::limbs::Limbs;

/// Vectors of a block.
const BLOCK: usize = 4;

const _: () = assert!(BLOCK * LANES == STEP);

/// The proof that this CPU has AVX-IFMA and that the operating system saves its registers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AvxIfma(());

impl AvxIfma {
    /// Returns the backend if this CPU has AVX-IFMA. `std` detects it, including the support of the operating system.
    /// Without `std` this always returns `None`.
    pub(crate) fn detect() -> Option<Self> {
        #[cfg(feature = "std")]
        return (std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("avxifma"))
            .then_some(Self(()));
        #[cfg(not(feature = "std"))]
        None
    }
}

#[allow(unsafe_code, reason = "functions that need a CPU feature are called where the feature is known")]
impl Arithmetic for AvxIfma {
    type Residue = Residue;

    const RADIX_BITS: i32 = RADIX_BITS;

    fn load(self, x: &Limbs) -> Residue {
        from_limbs(x)
    }

    fn leave(self, t: &Residue) -> Limbs {
        leave(self, t)
    }

    fn mul(self, a: &mut Residue, b: &Residue) {
        // SAFETY: `self` exists, so `detect` found every feature that `multiply` requires.
        unsafe { multiply(a, b) };
    }

    fn square(self, a: &mut Residue) {
        // SAFETY: `self` exists, so `detect` found every feature that `square` requires.
        unsafe { square(a) };
    }

    fn select(self, out: &mut Residue, table: &[Residue], index: u64) {
        // SAFETY: `self` exists, so `detect` found the only feature that `select` requires.
        unsafe { select(out, table, index) };
    }

    fn select_plain(self, out: &mut Residue, table: &[Limbs], index: u64) {
        // SAFETY: `self` exists, so `detect` found the only feature that `select_plain` requires.
        unsafe { select_plain(out, table, index) };
    }

    fn wipe(self, t: &mut Residue) {
        t.wipe();
    }
}

// Constants.

/// `N`
static N: Residue = Residue::new(&N_DIGITS);

/// `M = (N·m + 1)/B`
static M: Residue = Residue::new(&LARGE_M);

/// `m = -1/N mod B`
static INVERSE: Residue = Residue::new(&SMALL_M);

impl Residue {
    /// Block `block` of four: 16 digits.
    #[inline(always)]
    fn block(&self, block: usize) -> &[Lanes; BLOCK] {
        let (blocks, _) = self.fours().as_chunks();
        &blocks[block]
    }
}

// Columns.

/// The carry of a complete vector to the vector above it. Only the top lanes matter.
#[derive(Clone, Copy)]
struct Carries {
    /// High halves, which belong one column higher.
    high: __m256i,
    /// The bits above the digits.
    above: __m256i,
}

impl Carries {
    #[inline]
    #[target_feature(enable = "avx2")]
    fn none() -> Self {
        Self { high: _mm256_setzero_si256(), above: _mm256_setzero_si256() }
    }
}

/// A block of columns: the sums of products. High halves are summed one column below their own.
///
/// The functions that add rows take and return the sums by value; through `&mut`, bounds checks spill them to memory.
#[derive(Clone, Copy)]
struct Columns {
    low: [__m256i; BLOCK],
    high: [__m256i; BLOCK],
}

impl Columns {
    #[inline]
    #[target_feature(enable = "avx2")]
    fn zero() -> Self {
        let zero = _mm256_setzero_si256();
        Self { low: [zero; BLOCK], high: [zero; BLOCK] }
    }

    /// Adds the products `x·y` to vector `k`.
    #[inline]
    #[target_feature(enable = "avx2,avxifma")]
    fn add(&mut self, k: usize, x: __m256i, y: __m256i) {
        self.low[k] = _mm256_madd52lo_avx_epu64(self.low[k], x, y);
        self.high[k] = _mm256_madd52hi_avx_epu64(self.high[k], x, y);
    }

    /// Adds the products of 16 digits by a number, restricted to the block that is `offset` blocks above the digits.
    #[inline]
    #[target_feature(enable = "avx2,avxifma")]
    fn plus_product(self, offset: usize, digits: &[Lanes; BLOCK], number: &Residue) -> Self {
        match offset {
            0 => self.plus_rows::<BEGIN>(0..LANES, offset, digits, number),
            1..4 => self.plus_rows::<ALL>(0..LANES, offset, digits, number),
            4 => self.plus_rows::<END>(0..LANES, offset, digits, number),
            _ => self,
        }
    }

    /// Adds the products of block `own` of `a`, 16 digits, each by the digits of `a` above it.
    ///
    /// Row `4·i + s` has the square of its digit in column `8·i + 2·s`. For the lower two rows of a vector this is
    /// lane `2·s` of vector `2·i`, for the upper two it is lane `2·s - 4` of vector `2·i + 1`. The products by higher
    /// digits are in higher columns.
    #[inline]
    #[target_feature(enable = "avx2,avxifma")]
    fn plus_products_above(self, offset: usize, own: usize, a: &Residue) -> Self {
        let digits = a.block(own);
        match offset.checked_sub(own) {
            None => self,
            Some(0) => self.plus_rows::<OWN>(0..2, offset, digits, a).plus_rows::<OWN_UPPER>(2..4, offset, digits, a),
            Some(1) if offset == 4 => {
                self.plus_rows::<END_NEXT>(0..2, offset, digits, a).plus_rows::<END_NEXT_UPPER>(2..4, offset, digits, a)
            }
            Some(1) => self.plus_rows::<NEXT>(0..2, offset, digits, a).plus_rows::<NEXT_UPPER>(2..4, offset, digits, a),
            Some(_) => self.plus_product(offset, digits, a),
        }
    }

    /// Adds rows of products. Vector `i` of the digits times vector `4·offset + k - i` of the number belongs to
    /// vector `k`. The shape selects the pairs that are added.
    #[inline]
    #[target_feature(enable = "avx2,avxifma")]
    fn plus_rows<const SHAPE: usize>(
        mut self,
        rows: Range<usize>,
        offset: usize,
        digits: &[Lanes; BLOCK],
        number: &Residue,
    ) -> Self {
        let shape = &SHAPES[SHAPE];
        for s in rolled::<LANES>(rows) {
            let row = number.moved_up_fours(s);
            let above = vector(&ABOVE[s & 1]);
            for i in 0..BLOCK {
                let x = broadcast(digits[i][s]);
                for k in 0..BLOCK {
                    if shape[i][k] == 0 {
                        continue;
                    }
                    let y = vector(&row[(BLOCK * offset + k - i) & (WIDTH - 1)]);
                    self.add(k, x, if shape[i][k] == 1 { _mm256_and_si256(y, above) } else { y });
                }
            }
        }
        self
    }

    /// Returns a complete block of a square: the doubled sums plus the squares of the digits.
    #[inline]
    #[target_feature(enable = "avx2,avxifma")]
    fn doubled_plus_squares(mut self, block: usize, a: &Residue) -> Self {
        for k in 0..BLOCK {
            let digits = vector(&a.fours()[2 * block + (k >> 1)]);
            let mut squares = Self::zero();
            squares.add(0, digits, digits);
            // Low and high halves alternate. A high half counts twice in the column that it belongs to.
            let (low, high) = (squares.low[0], plus(squares.high[0], squares.high[0]));
            let squares = interleaved(k & 1, low, high);
            self.low[k] = plus(plus(self.low[k], self.low[k]), squares);
            self.high[k] = plus(self.high[k], self.high[k]);
        }
        self
    }

    /// Returns the digits of vector `k`, whose sums are complete, and its carry.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn complete_one(&self, k: usize, below: Carries) -> (__m256i, Carries) {
        let high = moved_up_one(self.high[k], below.high);
        let sum = plus(self.low[k], plus(high, high));
        let above = above_digits(sum);
        let digits = plus(_mm256_and_si256(sum, broadcast(DIGIT_MAX)), moved_up_one(above, below.above));
        (digits, Carries { high: self.high[k], above })
    }

    /// Returns the digits of the block, whose sums are complete, and its carry.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn complete(&self, mut below: Carries) -> ([Lanes; BLOCK], Carries) {
        let mut out = [[0; LANES]; BLOCK];
        for k in 0..BLOCK {
            let digits;
            (digits, below) = self.complete_one(k, below);
            out[k] = lanes(digits);
        }
        (out, below)
    }
}

// The shapes of `plus_rows`.
const BEGIN: usize = 0;
const ALL: usize = 1;
const END: usize = 2;
const OWN: usize = 3;
const OWN_UPPER: usize = 4;
const NEXT: usize = 5;
const NEXT_UPPER: usize = 6;
const END_NEXT: usize = 7;
const END_NEXT_UPPER: usize = 8;

/// The products that a shape adds, by vector of digits and vector of columns: 2 is all lanes, 1 is the lanes above the
/// digit's own square, 0 is none.
const SHAPES: [[[u8; BLOCK]; BLOCK]; 9] = [
    // The number begins in this block at vector i.
    [[2, 2, 2, 2], [0, 2, 2, 2], [0, 0, 2, 2], [0, 0, 0, 2]],
    [[2; BLOCK]; BLOCK],
    // It ends in this block, below vector i.
    [[0, 0, 0, 0], [2, 0, 0, 0], [2, 2, 0, 0], [2, 2, 2, 0]],
    // The digits' own squares are in this block.
    [[1, 2, 2, 2], [0, 0, 1, 2], [0, 0, 0, 0], [0, 0, 0, 0]],
    [[0, 1, 2, 2], [0, 0, 0, 1], [0, 0, 0, 0], [0, 0, 0, 0]],
    // The squares of the lower half of the digits are in the block before.
    [[2, 2, 2, 2], [2, 2, 2, 2], [1, 2, 2, 2], [0, 0, 1, 2]],
    [[2, 2, 2, 2], [2, 2, 2, 2], [0, 1, 2, 2], [0, 0, 0, 1]],
    // The same, and the number ends in this block. The last vector holds digit 60 alone, and no digit is above it.
    [[0, 0, 0, 0], [2, 0, 0, 0], [1, 2, 0, 0], [0, 0, 0, 0]],
    [[0, 0, 0, 0], [2, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0]],
];

// Products.

/// Replaces `a` by `a·b/R mod N`.
#[target_feature(enable = "avx2,avxifma")]
fn multiply(a: &mut Residue, b: &Residue) {
    let out = montgomery::<false>(a, b);
    store(a, &out);
}

/// Replaces `a` by `a²/R mod N`.
#[target_feature(enable = "avx2,avxifma")]
fn square(a: &mut Residue) {
    let out = montgomery::<true>(a, a);
    store(a, &out);
}

/// Writes the digits of a residue.
fn store(out: &mut Residue, blocks: &[[Lanes; BLOCK]; 4]) {
    out.vectors_mut().as_flattened_mut().copy_from_slice(blocks.as_flattened().as_flattened());
}

/// Returns the digits of `a·b/R mod N`, where `b` is `a` if `SQUARE`. [`digits51`](super::digits51) describes the
/// steps.
#[inline]
#[target_feature(enable = "avx2,avxifma")]
fn montgomery<const SQUARE: bool>(a: &Residue, b: &Residue) -> [[Lanes; BLOCK]; 4] {
    let mut q = [[[0; LANES]; BLOCK]; 4];
    let mut below = Carries::none();
    // Blocks 0 to 2 are the digits of steps 1 to 3. Block 3 is `u`.
    for block in 0..4 {
        let mut columns = product::<SQUARE>(block, a, b);
        for step in 0..block {
            columns = columns.plus_product(block - step - 1, &q[step], &M);
        }
        (q[block], below) = columns.complete(below);
    }

    // The quotient of step 4.
    let u = q[3];
    let (last, _) = Columns::zero().plus_product(0, &u, &INVERSE).complete(Carries::none());

    // The carry out of the block that becomes zero follows from the columns of its last vector.
    let top = BLOCK - 1;
    let mut zeros = Columns::zero();
    zeros.low[top] = vector(&u[top]);
    for s in 0..LANES {
        let row = N.moved_up_fours(s);
        for i in 0..BLOCK {
            zeros.add(top, broadcast(last[i][s]), vector(&row[top - i]));
        }
    }
    let (digits, carries) = zeros.complete_one(top, Carries::none());
    let one_more = above_digits(plus(digits, broadcast(1)));
    below.high = plus(below.high, carries.high);
    below.above = plus(below.above, plus(carries.above, one_more));

    let mut out = [[[0; LANES]; BLOCK]; 4];
    for block in 4..8 {
        let mut columns = product::<SQUARE>(block, a, b);
        for step in 0..3 {
            columns = columns.plus_product(block - step - 1, &q[step], &M);
        }
        (out[block - 4], below) = columns.plus_product(block - 3, &last, &N).complete(below);
    }
    out
}

/// Returns a block of the columns of `a·b`, where `b` is `a` if `SQUARE`.
#[inline]
#[target_feature(enable = "avx2,avxifma")]
fn product<const SQUARE: bool>(block: usize, a: &Residue, b: &Residue) -> Columns {
    let mut columns = Columns::zero();
    for own in block.saturating_sub(4)..4.min(block + 1) {
        columns = if SQUARE {
            columns.plus_products_above(block - own, own, a)
        } else {
            columns.plus_product(block - own, b.block(own), a)
        };
    }
    if SQUARE { columns.doubled_plus_squares(block, a) } else { columns }
}

// Tables.

/// Sets `out` to `table[index]`. Reads every entry.
#[target_feature(enable = "avx2")]
fn select(out: &mut Residue, table: &[Residue], index: u64) {
    avx2::select(out, &table.iter(), index);
}

/// Sets `out` to `table[index]`, unconverted. Reads every entry.
#[target_feature(enable = "avx2")]
fn select_plain(out: &mut Residue, table: &[Limbs], index: u64) {
    *out = from_limbs(&avx2::select_limbs(table, index));
}
