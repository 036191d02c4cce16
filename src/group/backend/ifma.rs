//! AVX-512 IFMA: 60 digits of 52 bits, eight to a vector, `R = 2^3328`.
//!
//! `vpmadd52luq` and `vpmadd52huq` multiply eight pairs of 52-bit digits and add the low or the high 52 bits of
//! the products to eight sums of 64 bits. A product of two numbers is summed by columns, column `k` for the
//! weight `2^(52·k)`. The carries between columns wait until the sums are complete, which the 12 spare bits allow.
//!
//! # Product
//!
//! Rows, as on paper: digit `i` of one factor times all digits of the other, moved up by `i` places. By whole
//! vectors it moves for free, as a vector of columns is named by its number. The remaining 0 to 7 places are
//! made by reading the factor from memory at an address that many digits lower, so a residue keeps
//! a vector of zeros on either side. High halves belong one column higher than low halves. They have sums of their
//! own, moved up once at the end. A square sums each product of two different digits once, and doubles.
//!
//! # Reduction
//!
//! Montgomery's, 16 digits at a time. Let `B = 2^416` be the weight of a vector, `m_k = -1/N mod B^k`, and
//! `M_k = (N·m_k + 1)/B^k`, which has 60 digits for every `k`. Then `q·m_k·N = q·M_k·B^k - q`: to add this
//! multiple of `N` takes the digits `q` away and adds `q·M_k` from `k` vectors higher up. There is no quotient to
//! compute, and the vectors in between stay as they are: they are known, and can be normalised, before the
//! product is. For the product `T`, whose vectors count from 0:
//!
//! 1. `q` is vectors 0 and 1; add `q·M_4` from vector 4.
//! 2. `q` is vectors 2 and 3; add `q·M_4` from vector 6.
//! 3. `q` is vectors 4 and 5; add `q·M_2` from vector 6.
//! 4. `u` is vectors 6 and 7; add `q·N` from vector 6 for `q = u·m_2 mod B²`, which makes them zero.
//!
//! The result is vectors 8 to 15. The last step is Montgomery's own, because the size of the multiples stays in the
//! result: `q·m_k·N` at vector `j` is below `B^(j + 2 + k)·N`, and all four are below `B^8·N = R·N`.
//!
//! # Bounds
//!
//! A residue is below `2^3074`, in normal form, and only [`leave`](Backend::leave) reduces it below `N`. With
//! `x, y < 2^3074` the result is below `(2^6148 + 3·R·N)/R < 3·N + 2^2821 < 2^3074`. (Steps 1 and 2 are one
//! multiple, of 32 digits.)
//!
//! A column of the product sums at most 60 low and 60 high halves, all below `2^52`. Each of the eight vectors of
//! quotient digits adds at most 8 and 8 to any column. With carries from below (under `2^12`) and the digits of `u`, a
//! column stays below `(120 + 128 + 2)·2^52 < 2^60`.

use core::arch::x86_64::{
    __m512i, __mmask8, _mm512_add_epi64, _mm512_alignr_epi64, _mm512_and_si512, _mm512_cmpeq_epu64_mask,
    _mm512_cmpgt_epu64_mask, _mm512_madd52hi_epu64, _mm512_madd52lo_epu64, _mm512_mask_add_epi64,
    _mm512_mask_madd52hi_epu64, _mm512_mask_madd52lo_epu64, _mm512_maskz_mov_epi64, _mm512_or_si512,
    _mm512_permutex2var_epi64, _mm512_permutexvar_epi16, _mm512_set1_epi64, _mm512_setzero_si512, _mm512_srli_epi64,
    _mm512_srlv_epi64,
};
use core::hint::black_box;
use core::mem::transmute;
use core::ops::Range;

use zeroize::Zeroize;

use super::Backend;
use crate::group::limbs::{self, LIMBS, Limbs, Mask};
use crate::group::params::N;

// AVX-512BW is for the 16-bit permutation of `from_limbs`. The detection covers the operating system's part too.
cpufeatures::new!(cpuid_ifma, "avx512f", "avx512bw", "avx512ifma");

/// Digits in a vector.
const LANES: usize = 8;

/// Digits that `N`, its multiples `M_k` and all residues fit in.
const DIGITS: usize = 60;

/// Vectors that those digits fill, the last one by half.
const VECTORS: usize = 8;

/// The largest digit.
const DIGIT_MAX: u64 = (1 << 52) - 1;

/// Eight digits or columns in memory.
type Lanes = [u64; LANES];

/// The proof that this CPU has AVX-512 IFMA, and that the operating system keeps its registers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ifma(());

impl Ifma {
    /// Returns the backend on a CPU that has AVX-512 IFMA.
    pub(crate) fn detect() -> Option<Self> {
        cpuid_ifma::get().then_some(Self(()))
    }
}

/// A number below `2^3074`: eight vectors of digits between two vectors of zeros.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub(crate) struct Residue([Lanes; VECTORS + 2]);

impl Residue {
    const ZERO: Self = Self([[0; LANES]; VECTORS + 2]);

    /// The digits.
    #[inline(always)]
    fn vectors(&self) -> &[Lanes; VECTORS] {
        let [_, vectors @ .., _] = &self.0;
        vectors
    }

    /// The digits, to be written.
    #[inline(always)]
    fn vectors_mut(&mut self) -> &mut [Lanes; VECTORS] {
        let [_, vectors @ .., _] = &mut self.0;
        vectors
    }

    /// The digits moved up by `places`, 0 to 7.
    #[inline(always)]
    fn moved_up(&self, places: usize) -> &[Lanes; VECTORS + 1] {
        let (vectors, _) = self.0.as_flattened()[LANES - places..].as_chunks();
        vectors.first_chunk().expect("a residue has ten vectors, and fewer than one of them is cut off")
    }
}

#[allow(unsafe_code, reason = "functions that need a CPU feature are called where the feature is known")]
impl Backend for Ifma {
    type Residue = Residue;

    const RADIX_BITS: i32 = 52 * 64;

    fn load(self, x: &Limbs) -> Residue {
        // SAFETY: `self` exists, so `detect` found every feature that `from_limbs` requires.
        unsafe { from_limbs(x) }
    }

    fn leave(self, t: &Residue) -> Limbs {
        let mut one = Residue::ZERO;
        one.vectors_mut()[0][0] = 1;
        // T·R · 1 / R = T
        canonical(&self.mul(t, &one))
    }

    fn mul(self, a: &Residue, b: &Residue) -> Residue {
        // SAFETY: `self` exists, so `detect` found every feature that `multiply` requires.
        unsafe { multiply(a, b) }
    }

    fn square(self, a: &Residue) -> Residue {
        // SAFETY: `self` exists, so `detect` found every feature that `square` requires.
        unsafe { square(a) }
    }

    fn select(self, table: &[Residue], index: u64) -> Residue {
        // SAFETY: `self` exists, so `detect` found every feature that `select` requires.
        unsafe { select(table, index) }
    }

    fn select_plain(self, table: &[Limbs], index: u64) -> Residue {
        // SAFETY: `self` exists, so `detect` found every feature that `select_plain` requires.
        unsafe { select_plain(table, index) }
    }

    fn wipe(self, t: &mut Residue) {
        t.0.zeroize();
    }
}

/// Returns the number below `N` that a residue is congruent to.
fn canonical(t: &Residue) -> Limbs {
    let mut words = [0; LIMBS + 1];
    for (i, &digit) in t.vectors().as_flattened()[..DIGITS].iter().enumerate() {
        let wide = u128::from(digit) << ((52 * i) & 63);
        words[(52 * i) >> 6] |= wide as u64;
        words[((52 * i) >> 6) + 1] |= (wide >> 64) as u64;
    }
    let [mut low @ .., mut top] = words;
    // A residue is below 2^3074 < 5·N, so N goes into it at most four times.
    for _ in 0..4 {
        let (difference, borrow) = limbs::sub(&low, &N);
        let (difference_top, negative) = limbs::sbb(top, 0, borrow);
        let keep = Mask::from_bit(negative);
        low = limbs::select(keep, &low, &difference);
        top = difference_top ^ (keep.word() & (top ^ difference_top));
    }
    low
}

// Constants.

/// A multiplicand in memory: `.0[s]` are its digits moved up by `s` places.
#[repr(align(64))]
struct Multiplicand<const V: usize>([[Lanes; V]; LANES]);

impl<const V: usize> Multiplicand<V> {
    /// Moves digits to all places. What would go beyond the last vector is left out.
    const fn new(digits: &[u64]) -> Self {
        let mut out = [[[0; LANES]; V]; LANES];
        let mut s = 0;
        while s < LANES {
            let mut i = 0;
            while i < digits.len() && s + i < LANES * V {
                out[s][(s + i) >> 3][(s + i) & 7] = digits[i];
                i += 1;
            }
            s += 1;
        }
        Self(out)
    }
}

/// `N`
static N_MOVED: Multiplicand<{ VECTORS + 1 }> = Multiplicand::new(&N_DIGITS);

/// `M_2 = (N·m_2 + 1)/B²`
static M_2: Multiplicand<{ VECTORS + 1 }> = Multiplicand::new(&reduced_one::<{ 2 * LANES }>().1);

/// `M_4 = (N·m_4 + 1)/B^4`
static M_4: Multiplicand<{ VECTORS + 1 }> = Multiplicand::new(&reduced_one::<{ 4 * LANES }>().1);

/// `m_2 = -1/N mod B²`
static INVERSE: Multiplicand<2> = Multiplicand::new(&reduced_one::<{ 2 * LANES }>().0);

/// The digits of `N`.
const N_DIGITS: [u64; DIGITS] = {
    let mut out = [0; DIGITS];
    let mut i = 0;
    while i < DIGITS {
        let (word, bit) = ((52 * i) >> 6, (52 * i) & 63);
        let above = if word + 1 < LIMBS { N[word + 1] } else { 0 };
        out[i] = ((N[word] as u128 | (above as u128) << 64) >> bit) as u64 & DIGIT_MAX;
        i += 1;
    }
    out
};

/// Montgomery reduction of the number 1 by `K` digits: the quotient `-1/N mod 2^(52·K)`, and the quotient times
/// `N`, plus 1, without the `K` digits that have become zero.
const fn reduced_one<const K: usize>() -> ([u64; K], [u64; DIGITS]) {
    let mut quotient = [0; K];
    let mut t = [0; DIGITS];
    t[0] = 1;
    let mut i = 0;
    while i < K {
        // N = -1 mod 2^52, so the quotient digit is the lowest digit itself.
        quotient[i] = t[0];
        let mut carry = 0;
        let mut j = 0;
        while j < DIGITS {
            let sum = quotient[i] as u128 * N_DIGITS[j] as u128 + t[j] as u128 + carry;
            if j > 0 {
                t[j - 1] = sum as u64 & DIGIT_MAX;
            }
            carry = sum >> 52;
            j += 1;
        }
        t[DIGITS - 1] = carry as u64;
        i += 1;
    }
    (quotient, t)
}

// Vectors.

/// Reads a vector.
#[inline]
#[target_feature(enable = "avx512f")]
#[allow(unsafe_code, reason = "core::arch has no safe conversion")]
fn vector(lanes: &Lanes) -> __m512i {
    // SAFETY: both types are 64 bytes in which every bit pattern is valid.
    unsafe { transmute(*lanes) }
}

/// Writes a vector.
#[inline]
#[target_feature(enable = "avx512f")]
#[allow(unsafe_code, reason = "core::arch has no safe conversion")]
fn lanes(x: __m512i) -> Lanes {
    // SAFETY: both types are 64 bytes in which every bit pattern is valid.
    unsafe { transmute(x) }
}

/// Returns `digit` in every lane.
#[inline]
#[target_feature(enable = "avx512f")]
fn broadcast(digit: u64) -> __m512i {
    _mm512_set1_epi64(digit.cast_signed())
}

/// Returns `x + y`.
#[inline]
#[target_feature(enable = "avx512f")]
fn plus(x: __m512i, y: __m512i) -> __m512i {
    _mm512_add_epi64(x, y)
}

/// Returns the lanes of `x` moved up by one, with the top lane of `below` under them.
#[inline]
#[target_feature(enable = "avx512f")]
fn moved_up_one(x: __m512i, below: __m512i) -> __m512i {
    _mm512_alignr_epi64::<7>(x, below)
}

/// Vectors in memory, where single lanes can be read.
#[repr(align(64))]
struct Stored<const V: usize>([Lanes; V]);

impl<const V: usize> Stored<V> {
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn new(x: &[__m512i; V]) -> Self {
        let mut out = Self([[0; LANES]; V]);
        for i in 0..V {
            out.0[i] = lanes(x[i]);
        }
        out
    }
}

/// Counts through rows of a vector, in a loop that stays a loop.
///
/// Unrolled, these loops outgrow the cache of decoded instructions and the registers, and take a tenth longer. The
/// barrier keeps the end from the compiler, and the mask then says what it no longer knows: a row is below 8.
#[inline(always)]
fn rolled(rows: Range<usize>) -> impl Iterator<Item = usize> {
    (rows.start..black_box(rows.end)).map(|row| row & (LANES - 1))
}

// Columns.

/// Sums of products by columns. High halves are summed one column below their own.
#[derive(Clone, Copy)]
struct Columns<const V: usize> {
    low: [__m512i; V],
    high: [__m512i; V],
}

impl<const V: usize> Columns<V> {
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn zero() -> Self {
        let zero = _mm512_setzero_si512();
        Self { low: [zero; V], high: [zero; V] }
    }

    /// Adds the products `x·y` to vector `k`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn add(&mut self, k: usize, x: __m512i, y: __m512i) {
        self.low[k] = _mm512_madd52lo_epu64(self.low[k], x, y);
        self.high[k] = _mm512_madd52hi_epu64(self.high[k], x, y);
    }

    /// Adds those of the products `x·y` to vector `k` that the mask names.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn add_some(&mut self, k: usize, x: __m512i, y: __m512i, mask: __mmask8) {
        self.low[k] = _mm512_mask_madd52lo_epu64(self.low[k], mask, x, y);
        self.high[k] = _mm512_mask_madd52hi_epu64(self.high[k], mask, x, y);
    }

    /// Returns vector `k`, in which both halves are in their columns. `below` are the high halves under vector 0.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn total(&self, k: usize, below: __m512i) -> __m512i {
        let below = if k == 0 { below } else { self.high[k - 1] };
        plus(self.low[k], moved_up_one(self.high[k], below))
    }

    /// Returns all totals.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn totals(&self, below: __m512i) -> [__m512i; V] {
        let mut out = [below; V];
        for k in 0..V {
            out[k] = self.total(k, below);
        }
        out
    }

    /// Adds the products of 16 digits by a multiplicand to vectors 0 and 1.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn add_first<const M: usize>(&mut self, q: &Stored<2>, multiplicand: &Multiplicand<M>) {
        // Vector 1 has two products a row. A sum of its own for the second keeps the rows from waiting.
        let mut second = Columns::<1>::zero();
        for s in rolled(0..LANES) {
            let (x, y) = (broadcast(q.0[0][s]), broadcast(q.0[1][s]));
            let row = &multiplicand.0[s];
            self.add(0, x, vector(&row[0]));
            self.add(1, x, vector(&row[1]));
            second.add(0, y, vector(&row[0]));
        }
        self.low[1] = plus(self.low[1], second.low[0]);
        self.high[1] = plus(self.high[1], second.high[0]);
    }
}

/// The ten vectors that a multiple of `N` by 16 digits reaches.
type Window = Columns<{ VECTORS + 2 }>;

impl Window {
    /// Adds the products of 16 digits by a multiplicand of 60 digits to vectors 2 to 9.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn add_rest(&mut self, q: &Stored<2>, multiplicand: &Multiplicand<{ VECTORS + 1 }>) {
        // Moved up by 5 places or more, 60 digits reach into a ninth vector.
        self.add_rest_of_rows::<VECTORS>(0..5, q, multiplicand);
        self.add_rest_of_rows::<{ VECTORS + 1 }>(5..LANES, q, multiplicand);
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn add_rest_of_rows<const V: usize>(
        &mut self,
        rows: Range<usize>,
        q: &Stored<2>,
        multiplicand: &Multiplicand<{ VECTORS + 1 }>,
    ) {
        for s in rolled(rows) {
            let (x, y) = (broadcast(q.0[0][s]), broadcast(q.0[1][s]));
            for j in 1..V {
                let digits = vector(&multiplicand.0[s][j]);
                if j > 1 {
                    self.add(j, x, digits);
                }
                self.add(j + 1, y, digits);
            }
        }
    }

    /// Returns the window that begins two vectors higher. What this one holds in vectors 0 and 1 is lost but for
    /// the high halves that belong above.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn two_up(self) -> Self {
        let mut out = Self::zero();
        out.low[..VECTORS].copy_from_slice(&self.low[2..]);
        out.high[..VECTORS].copy_from_slice(&self.high[2..]);
        out.low[0] = plus(out.low[0], moved_up_one(_mm512_setzero_si512(), self.high[1]));
        out
    }
}

/// Returns columns in normal form, and the carry out of them in lane 0. The columns must be below `2^63`.
#[inline]
#[target_feature(enable = "avx512f")]
fn normalised<const V: usize>(columns: &[__m512i; V]) -> ([__m512i; V], __m512i) {
    let zero = _mm512_setzero_si512();
    let one = broadcast(1);
    let largest = broadcast(DIGIT_MAX);
    let mut out = [zero; V];
    let mut below = zero;
    let mut carry = 0;
    for i in 0..V {
        // Every column hands what is above its digit, less than 2^11, to the next.
        let above = _mm512_srli_epi64::<52>(columns[i]);
        let sum = plus(_mm512_and_si512(columns[i], largest), moved_up_one(above, below));
        below = above;
        // That leaves carries of 1. A sum over the largest digit has one, and a sum equal to it hands one on. As
        // bits of two numbers, the carries are those of an addition: twice the first, plus the second.
        let over = u32::from(_mm512_cmpgt_epu64_mask(sum, largest));
        let full = u32::from(_mm512_cmpeq_epu64_mask(sum, largest));
        let added = 2 * over + full + carry;
        let carries = (added ^ full) as __mmask8;
        carry = added >> LANES;
        out[i] = _mm512_and_si512(_mm512_mask_add_epi64(sum, carries, sum, one), largest);
    }
    let carry = _mm512_maskz_mov_epi64(carry as __mmask8, one);
    (out, plus(moved_up_one(zero, below), carry))
}

// Products.

/// Adds half of the rows of `a·b` to vectors 0 to 7 of its columns, or to vectors 8 to 15 when `HIGH`.
///
/// `UPPER` chooses the rows of digits 4 to 7 of every vector of `b`. The last vector of `b` has none of them, and
/// moved up by that many places `a` reaches into a ninth vector.
///
/// When `SQUARE`, `b` is `a`, and only the products with a digit of `a` above that of `b` are added.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn add_rows<const SQUARE: bool, const HIGH: bool, const UPPER: bool>(
    columns: &mut Columns<VECTORS>,
    a: &Residue,
    b: &Residue,
) {
    let upper = usize::from(UPPER);
    for s in rolled(4 * upper..4 * upper + 4) {
        let a = a.moved_up(s);
        let mut x = [_mm512_setzero_si512(); VECTORS];
        for i in 0..VECTORS {
            x[i] = broadcast(b.vectors()[i][s]);
        }
        // Row 8·i + s has its own digit's square in column 16·i + 2·s: in lane 2·s of vector 2·i, or in lane
        // 2·s - 8 of the next when `UPPER`. The products with a digit above are in the columns above.
        let above = (0xfe_u32 << (2 * (s & 3))) as __mmask8;
        for j in 0..VECTORS + upper {
            let digits = vector(&a[j]);
            for i in 0..VECTORS - upper {
                let k = i + j;
                if (k >= VECTORS) != HIGH || SQUARE && j < i + upper {
                    continue;
                }
                if SQUARE && j == i + upper {
                    columns.add_some(k & (VECTORS - 1), x[i], digits, above);
                } else {
                    columns.add(k & (VECTORS - 1), x[i], digits);
                }
            }
        }
    }
}

/// Completes the columns of a square, vectors 0 to 7 or 8 to 15: twice the totals, plus the squares of the digits.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn doubled_with_squares<const HIGH: bool>(totals: &[__m512i; VECTORS], a: &Residue) -> [__m512i; VECTORS] {
    // Low and high halves of the squares, in turns: lanes 0 to 3 of both, then lanes 4 to 7.
    let turns = [vector(&[0, 8, 1, 9, 2, 10, 3, 11]), vector(&[4, 12, 5, 13, 6, 14, 7, 15])];
    let mut out = *totals;
    for k in 0..VECTORS {
        let digits = vector(&a.vectors()[4 * usize::from(HIGH) + (k >> 1)]);
        let mut squares = Columns::<1>::zero();
        squares.add(0, digits, digits);
        let squares = _mm512_permutex2var_epi64(squares.low[0], turns[k & 1], squares.high[0]);
        out[k] = plus(plus(out[k], out[k]), squares);
    }
    out
}

/// Returns `a·b/R mod N`.
#[target_feature(enable = "avx512f,avx512ifma")]
fn multiply(a: &Residue, b: &Residue) -> Residue {
    montgomery::<false>(a, b)
}

/// Returns `a²/R mod N`.
#[target_feature(enable = "avx512f,avx512ifma")]
fn square(a: &Residue) -> Residue {
    montgomery::<true>(a, a)
}

/// Returns `a·b/R mod N`, where `b` is `a` when `SQUARE`.
///
/// The steps are those of the module's documentation, in an order that gives the multipliers work while
/// digits are normalised: what depends on new digits comes one piece of work after them.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn montgomery<const SQUARE: bool>(a: &Residue, b: &Residue) -> Residue {
    let zero = _mm512_setzero_si512();

    // Vectors 0 to 7 of the product.
    let mut columns = Columns::zero();
    add_rows::<SQUARE, false, false>(&mut columns, a, b);
    add_rows::<SQUARE, false, true>(&mut columns, a, b);
    let product_below = columns.high[VECTORS - 1];
    let mut t = columns.totals(zero);
    if SQUARE {
        t = doubled_with_squares::<false>(&t, a);
    }

    let (q, carry) = normalised(&[t[0], t[1]]);
    let first = Stored::new(&q);
    let (q, carry) = normalised(&[plus(t[2], carry), t[3]]);
    let second = Stored::new(&q);

    // Step 1. The window begins at vector 4, and its first two vectors complete vectors 4 and 5.
    let mut window = Window::zero();
    window.add_first(&first, &M_4);
    let t4 = plus(plus(t[4], carry), window.total(0, zero));
    let (q, carry) = normalised(&[t4, plus(t[5], window.total(1, zero))]);
    let third = Stored::new(&q);
    window.add_rest(&first, &M_4);

    // Steps 2 and 3. The window begins at vector 6, and its first two vectors complete vectors 6 and 7.
    window = window.two_up();
    window.add_first(&second, &M_4);
    window.add_rest(&second, &M_4);
    window.add_first(&third, &M_2);
    let t6 = plus(plus(t[6], carry), window.total(0, zero));
    let (u, carry) = normalised(&[t6, plus(t[7], window.total(1, zero))]);
    let high_below = window.high[1];
    let u_stored = Stored::new(&u);
    window.add_rest(&third, &M_2);

    // The quotient of step 4. What goes beyond two vectors is beyond B².
    let mut quotient = Columns::<2>::zero();
    quotient.add_first(&u_stored, &INVERSE);
    let (q, _) = normalised(&quotient.totals(zero));
    let fourth = Stored::new(&q);

    // Vectors 8 to 15 of the product. The window waits in memory, as there are not registers for both.
    let mut parked = window;
    black_box(&mut parked);
    let mut columns = Columns::zero();
    add_rows::<SQUARE, true, false>(&mut columns, a, b);
    add_rows::<SQUARE, true, true>(&mut columns, a, b);
    let mut t = columns.totals(product_below);
    if SQUARE {
        t = doubled_with_squares::<true>(&t, a);
    }
    black_box(&mut t);

    // Step 4. The first two vectors become zero, and only their carry is of interest.
    window = parked;
    window.low[0] = u[0];
    window.low[1] = u[1];
    window.high[0] = zero;
    window.high[1] = zero;
    window.add_first(&fourth, &N_MOVED);
    let (_, zeros_carry) = normalised(&[window.total(0, zero), window.total(1, zero)]);
    window.add_rest(&fourth, &N_MOVED);

    let mut out = Stored([[0; LANES]; VECTORS]);
    for k in 0..VECTORS {
        let mut sum = plus(t[k], window.total(k + 2, zero));
        if k == 0 {
            sum = plus(plus(sum, moved_up_one(zero, high_below)), plus(carry, zeros_carry));
        }
        out.0[k] = lanes(sum);
    }
    residue(&out)
}

/// Returns the residue with these columns.
#[inline]
#[target_feature(enable = "avx512f")]
fn residue(columns: &Stored<VECTORS>) -> Residue {
    let mut x = [_mm512_setzero_si512(); VECTORS];
    for i in 0..VECTORS {
        x[i] = vector(&columns.0[i]);
    }
    let (digits, _) = normalised(&x);
    let mut out = Residue::ZERO;
    for i in 0..VECTORS {
        out.vectors_mut()[i] = lanes(digits[i]);
    }
    out
}

// Tables.

/// Returns `table[index]`, or zeros when there is no such entry, having read every entry.
#[inline]
#[target_feature(enable = "avx512f")]
fn scan<'a, const V: usize>(table: impl Iterator<Item = &'a [Lanes; V]>, index: u64) -> [__m512i; V] {
    let mut out = [_mm512_setzero_si512(); V];
    for (i, entry) in table.enumerate() {
        let hit = broadcast(Mask::equal(i as u64, index).word());
        for j in 0..V {
            out[j] = _mm512_or_si512(out[j], _mm512_and_si512(hit, vector(&entry[j])));
        }
    }
    out
}

/// Returns `table[index]`, having read every entry.
#[target_feature(enable = "avx512f")]
fn select(table: &[Residue], index: u64) -> Residue {
    let entry = scan(table.iter().map(Residue::vectors), index);
    let mut out = Residue::ZERO;
    for i in 0..VECTORS {
        out.vectors_mut()[i] = lanes(entry[i]);
    }
    out
}

/// Returns the residue whose bits are those of `table[index]`, having read every entry.
#[target_feature(enable = "avx512f,avx512bw")]
fn select_plain(table: &[Limbs], index: u64) -> Residue {
    // 48 limbs are six vectors.
    let entry = scan::<6>(table.iter().filter_map(|limbs| limbs.as_chunks().0.first_chunk()), index);
    let mut limbs = [0; LIMBS];
    limbs.copy_from_slice(Stored::new(&entry).0.as_flattened());
    from_limbs(&limbs)
}

/// Returns the residue whose bits are those of `x`.
///
/// Eight digits are 416 bits, 26 words of 16 bits. A digit begins at a multiple of 4 bits and so lies within four
/// such words: one permutation brings every digit's words to its lane, and one shift takes it down.
#[target_feature(enable = "avx512f,avx512bw")]
fn from_limbs(x: &Limbs) -> Residue {
    let mut padded = [0; LIMBS + LANES];
    padded[..LIMBS].copy_from_slice(x);
    let down = vector(&[0, 4, 8, 12, 0, 4, 8, 12]);
    let mut out = Residue::ZERO;
    for (i, digits) in out.vectors_mut().iter_mut().enumerate() {
        // Vector i begins at bit 416·i, which is the middle of a limb for every other one.
        let (start, half) = ((13 * i) >> 1, i & 1);
        let mut limbs = [0; LANES];
        limbs.copy_from_slice(&padded[start..start + LANES]);
        let wide = _mm512_permutexvar_epi16(vector(&FOUR_WORDS[half]), vector(&limbs));
        *digits = lanes(_mm512_and_si512(_mm512_srlv_epi64(wide, down), broadcast(DIGIT_MAX)));
    }
    out
}

/// For each of eight digits, the four 16-bit words that it begins in, in a number that begins at a limb or in the
/// middle of one.
static FOUR_WORDS: [Lanes; 2] = {
    let mut out = [[0; LANES]; 2];
    let mut half = 0;
    while half < 2 {
        let mut lane = 0;
        while lane < LANES {
            let word = (2 * half + ((52 * lane) >> 4)) as u64;
            out[half][lane] = word | (word + 1) << 16 | (word + 2) << 32 | (word + 3) << 48;
            lane += 1;
        }
        half += 1;
    }
    out
};
