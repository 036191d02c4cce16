//! AVX-512 IFMA: eight digits in a vector, and registers for all columns of one step of the reduction.
//! [`digits51`](super::digits51) describes the format and proves the bounds.

use core::arch::x86_64::{
    __m512i, __mmask8, _mm512_add_epi64, _mm512_alignr_epi64, _mm512_and_si512, _mm512_madd52hi_epu64,
    _mm512_madd52lo_epu64, _mm512_mask_madd52hi_epu64, _mm512_mask_madd52lo_epu64, _mm512_or_si512,
    _mm512_permutex2var_epi8, _mm512_permutex2var_epi64, _mm512_set1_epi64, _mm512_setzero_si512, _mm512_srli_epi64,
    _mm512_srlv_epi64,
};
use core::hint::black_box;
use core::mem::transmute;
use core::ops::Range;

use super::digits51::{
    DIGIT_BITS, DIGIT_MAX, LANES, LARGE_M, Lanes, N_DIGITS, RADIX_BITS, Residue, SMALL_M, VECTORS, from_limbs, leave,
    rolled,
};
use crate::group::arithmetic::Arithmetic;
use crate::group::limbs::{Limbs, Mask};

// The features that the functions below enable (VBMI permutes bytes in `select_plain`), and those that they imply for
// the compiler: BW, AVX2 and FMA. They also imply F16C, which every CPU with AVX-512 has and `cpufeatures` cannot
// detect. The detection includes the support of the operating system.
cpufeatures::new!(cpuid_ifma, "avx2", "fma", "avx512f", "avx512bw", "avx512ifma", "avx512vbmi");

/// The proof that this CPU has AVX-512 with IFMA, VBMI and BW, and that the operating system saves its registers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ifma(());

impl Ifma {
    /// Returns the backend if this CPU has AVX-512 IFMA.
    pub(crate) fn detect() -> Option<Self> {
        cpuid_ifma::get().then_some(Self(()))
    }
}

#[allow(unsafe_code, reason = "functions that need a CPU feature are called where the feature is known")]
impl Arithmetic for Ifma {
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
        // SAFETY: `self` exists, so `detect` found every feature that `select` requires.
        unsafe { select(out, table, index) };
    }

    fn select_plain(self, out: &mut Residue, table: &[Limbs], index: u64) {
        // SAFETY: `self` exists, so `detect` found every feature that `select_plain` requires.
        unsafe { select_plain(out, table, index) };
    }

    fn wipe(self, t: &mut Residue) {
        t.wipe();
    }
}

// Constants.

/// A constant factor in memory: `.0[s]` is its digits moved up by `s` places.
#[repr(align(64))]
struct Moved<const V: usize>([[Lanes; V]; LANES]);

impl<const V: usize> Moved<V> {
    /// Returns the digits moved up by 0 to 7 places. Digits beyond the last vector are cut off.
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

/// Vectors that 61 digits need when they are moved up.
const MOVED_VECTORS: usize = VECTORS + 1;

/// `N`
static N: Moved<MOVED_VECTORS> = Moved::new(&N_DIGITS);

/// `M = (N·m + 1)/B`
static M: Moved<MOVED_VECTORS> = Moved::new(&LARGE_M);

/// `m = -1/N mod B`
static INVERSE: Moved<2> = Moved::new(&SMALL_M);

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

/// Returns the bits above the digits of columns: `⌊x / 2^51⌋`.
#[inline]
#[target_feature(enable = "avx512f")]
fn above_digits(x: __m512i) -> __m512i {
    _mm512_srli_epi64::<{ DIGIT_BITS as u32 }>(x)
}

/// Returns the lanes of `x` moved up by one, with the top lane of `below` as the lowest.
#[inline]
#[target_feature(enable = "avx512f")]
fn moved_up_one(x: __m512i, below: __m512i) -> __m512i {
    _mm512_alignr_epi64::<7>(x, below)
}

/// Writes the digits of a residue.
#[inline]
#[target_feature(enable = "avx512f")]
fn store(out: &mut Residue, digits: &[__m512i; VECTORS]) {
    for i in 0..VECTORS {
        out.vectors_mut()[i] = lanes(digits[i]);
    }
}

/// The 16 digits of one step, in memory, so that single digits can be loaded.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Digits([Lanes; 2]);

impl Digits {
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn new(first: __m512i, second: __m512i) -> Self {
        Self([lanes(first), lanes(second)])
    }

    /// Returns digit `s` of both vectors, each in every lane.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn pair(&self, s: usize) -> (__m512i, __m512i) {
        (broadcast(self.0[0][s]), broadcast(self.0[1][s]))
    }
}

// Columns.

/// The carry of a complete vector to the vector above it. Only the top lanes matter.
#[derive(Clone, Copy)]
struct Carries {
    /// High halves, which belong one column higher.
    high: __m512i,
    /// The bits above the digits.
    above: __m512i,
}

impl Carries {
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn none() -> Self {
        Self { high: _mm512_setzero_si512(), above: _mm512_setzero_si512() }
    }
}

/// Columns: the sums of products. High halves are summed one column below their own.
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

    /// Adds the products `x·y` to the lanes of vector `k` that a public mask selects.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn add_some(&mut self, k: usize, x: __m512i, y: __m512i, mask: __mmask8) {
        self.low[k] = _mm512_mask_madd52lo_epu64(self.low[k], mask, x, y);
        self.high[k] = _mm512_mask_madd52hi_epu64(self.high[k], mask, x, y);
    }

    /// Adds other sums to vector `k`.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn merge(&mut self, k: usize, other: &Columns<1>) {
        self.low[k] = plus(self.low[k], other.low[0]);
        self.high[k] = plus(self.high[k], other.high[0]);
    }

    /// Returns the digits of vector `k`, whose sums are complete, and its carry.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn complete(&self, k: usize, below: Carries) -> (__m512i, Carries) {
        let high = moved_up_one(self.high[k], below.high);
        let sum = plus(self.low[k], plus(high, high));
        let above = above_digits(sum);
        let digits = plus(_mm512_and_si512(sum, broadcast(DIGIT_MAX)), moved_up_one(above, below.above));
        (digits, Carries { high: self.high[k], above })
    }

    /// Adds the first two vectors of the products of 16 digits by a constant, to vectors `AT` and `AT + 1`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn add_first<const AT: usize, const M: usize>(&mut self, q: &Digits, factor: &Moved<M>) {
        // The second vector gets two products per row. Separate sums for one of them shorten the chain of additions.
        let mut second = Columns::<1>::zero();
        for s in rolled::<LANES>(0..LANES) {
            let (x, y) = q.pair(s);
            let row = &factor.0[s];
            self.add(AT, x, vector(&row[0]));
            self.add(AT + 1, x, vector(&row[1]));
            second.add(0, y, vector(&row[0]));
        }
        self.merge(AT + 1, &second);
    }
}

/// The ten vectors that the products of 16 digits by 61 reach.
type Window = Columns<{ MOVED_VECTORS + 1 }>;

impl Window {
    /// Adds rows 0 to 3 of the products of 16 digits by a constant to vectors 2 to 8.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn add_lower_rest(&mut self, q: &Digits, factor: &Moved<MOVED_VECTORS>) {
        self.add_rest::<VECTORS>(0..4, q, factor);
    }

    /// Adds rows 4 to 7 to vectors 2 to 9: 61 digits moved up by 4 places or more reach into a ninth vector.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn add_upper_rest(&mut self, q: &Digits, factor: &Moved<MOVED_VECTORS>) {
        self.add_rest::<MOVED_VECTORS>(4..LANES, q, factor);
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn add_rest<const V: usize>(&mut self, rows: Range<usize>, q: &Digits, factor: &Moved<MOVED_VECTORS>) {
        for s in rolled::<LANES>(rows) {
            let (x, y) = q.pair(s);
            for j in 1..V {
                let digits = vector(&factor.0[s][j]);
                if j > 1 {
                    self.add(j, x, digits);
                }
                self.add(j + 1, y, digits);
            }
        }
    }

    /// Returns the window moved up by two vectors. Vectors `k` and `k + 1` of the product's upper half enter it at
    /// the top.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn two_up(self, product: &Columns<VECTORS>, k: usize) -> Self {
        let mut out = Self::zero();
        out.low[..VECTORS].copy_from_slice(&self.low[2..]);
        out.high[..VECTORS].copy_from_slice(&self.high[2..]);
        out.low[VECTORS..].copy_from_slice(&product.low[k..k + 2]);
        out.high[VECTORS..].copy_from_slice(&product.high[k..k + 2]);
        out
    }
}

// Products.

/// Returns vectors 0 to 7 of the columns of `a·b`, or vectors 8 to 15 if `HIGH`. If `SQUARE`, `b` is `a`.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn product<const SQUARE: bool, const HIGH: bool>(a: &Residue, b: &Residue) -> Columns<VECTORS> {
    let mut columns = Columns::zero();
    add_rows::<SQUARE, HIGH, false>(&mut columns, a, b);
    add_rows::<SQUARE, HIGH, true>(&mut columns, a, b);
    if SQUARE {
        double_and_add_squares::<HIGH>(&mut columns, a);
    } else {
        add_last_row::<HIGH>(&mut columns, a, b);
    }
    columns
}

/// Adds half of the rows of `a·b` to vectors 0 to 7 of its columns, or to vectors 8 to 15 if `HIGH`.
///
/// The rows are those of digits 0 to 3 of every vector of `b`, or if `UPPER` those of digits 4 to 7 of every vector
/// but the last. In the upper rows `a` reaches into a ninth vector.
///
/// If `SQUARE`, `b` is `a`, and only products by a digit of `a` above that of `b` are added.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn add_rows<const SQUARE: bool, const HIGH: bool, const UPPER: bool>(
    columns: &mut Columns<VECTORS>,
    a: &Residue,
    b: &Residue,
) {
    let upper = usize::from(UPPER);
    for s in rolled::<LANES>(4 * upper..4 * upper + 4) {
        let (a, _) = a.moved_up(s).as_chunks();
        let mut x = [_mm512_setzero_si512(); VECTORS];
        for i in 0..VECTORS {
            x[i] = broadcast(b.vectors()[i][s]);
        }
        // Row 8·i + s has the square of its digit in column 16·i + 2·s: in lane 2·s of vector 2·i, or if `UPPER` in
        // lane 2·s - 8 of vector 2·i + 1. The products by higher digits are in higher columns.
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

/// Adds the row of digit 60 of `b`, the only digit of the last vector that `add_rows` skips. In a square this row is
/// empty.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn add_last_row<const HIGH: bool>(columns: &mut Columns<VECTORS>, a: &Residue, b: &Residue) {
    let (i, s) = (VECTORS - 1, 4);
    let x = broadcast(b.vectors()[i][s]);
    let (a, _) = a.moved_up(s).as_chunks();
    if HIGH {
        for k in 0..VECTORS {
            columns.add(k, x, vector(&a[k + 1]));
        }
    } else {
        columns.add(i, x, vector(&a[0]));
    }
}

/// Completes a square: doubles the sums and adds the squares of the digits.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn double_and_add_squares<const HIGH: bool>(columns: &mut Columns<VECTORS>, a: &Residue) {
    // Low and high halves alternate: lanes 0 to 3 of both, then lanes 4 to 7.
    let turns = [vector(&[0, 8, 1, 9, 2, 10, 3, 11]), vector(&[4, 12, 5, 13, 6, 14, 7, 15])];
    for k in 0..VECTORS {
        let digits = vector(&a.vectors()[4 * usize::from(HIGH) + (k >> 1)]);
        let mut squares = Columns::<1>::zero();
        squares.add(0, digits, digits);
        // A high half counts twice in the column that it belongs to.
        let high = plus(squares.high[0], squares.high[0]);
        let squares = _mm512_permutex2var_epi64(squares.low[0], turns[k & 1], high);
        columns.low[k] = plus(plus(columns.low[k], columns.low[k]), squares);
        columns.high[k] = plus(columns.high[k], columns.high[k]);
    }
}

/// Replaces `a` by `a·b/R mod N`.
#[target_feature(enable = "avx512f,avx512ifma")]
fn multiply(a: &mut Residue, b: &Residue) {
    let out = montgomery::<false>(a, b);
    store(a, &out);
}

/// Replaces `a` by `a²/R mod N`.
#[target_feature(enable = "avx512f,avx512ifma")]
fn square(a: &mut Residue) {
    let out = montgomery::<true>(a, a);
    store(a, &out);
}

/// Returns the digits of `a·b/R mod N`, where `b` is `a` if `SQUARE`.
///
/// [`digits51`](super::digits51) describes the steps. Their order keeps the multipliers busy while digits are
/// computed: the products that the next digits need are added in the middle of a step, and those digits are used
/// after it.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn montgomery<const SQUARE: bool>(a: &Residue, b: &Residue) -> [__m512i; VECTORS] {
    let zero = _mm512_setzero_si512();

    let mut low = product::<SQUARE, false>(a, b);
    let (first, below) = low.complete(0, Carries::none());
    let (second, mut below) = low.complete(1, below);
    let mut q = Digits::new(first, second);
    // The other vectors are spilled to memory, because the registers cannot hold both halves.
    black_box(&mut low);
    let high = product::<SQUARE, true>(a, b);

    // Step 1 begins. The window's first two vectors become the digits of step 2.
    let mut window = Window::zero();
    window.low[..6].copy_from_slice(&low.low[2..]);
    window.high[..6].copy_from_slice(&low.high[2..]);
    window.low[6..].copy_from_slice(&high.low[..4]);
    window.high[6..].copy_from_slice(&high.high[..4]);
    window.add_first::<0, _>(&q, &M);
    let mut u = [zero; 2];
    (u[0], below) = window.complete(0, below);
    (u[1], below) = window.complete(1, below);
    let mut next = Digits::new(u[0], u[1]);

    // A macro, because a function is not inlined, and then the window is spilled to memory.
    macro_rules! end_step_and_begin_next {
        ($upper:literal) => {
            window.add_lower_rest(&q, &M);
            window.add_first::<2, _>(&next, &M);
            window.add_upper_rest(&q, &M);
            window = window.two_up(&high, $upper);
            (u[0], below) = window.complete(0, below);
            (u[1], below) = window.complete(1, below);
            q = next;
            next = Digits::new(u[0], u[1]);
        };
    }
    end_step_and_begin_next!(4);
    end_step_and_begin_next!(6);

    // Step 3 ends, and in between the quotient of step 4 is computed, mod B: products beyond 16 digits are dropped.
    window.add_lower_rest(&q, &M);
    let mut quotient = Columns::<2>::zero();
    quotient.add_first::<0, _>(&next, &INVERSE);
    let (first, carries) = quotient.complete(0, Carries::none());
    let (second, _) = quotient.complete(1, carries);
    let last = Digits::new(first, second);
    window.add_upper_rest(&q, &M);

    // Step 4. The carry out of the two vectors that become zero follows from the columns of the second.
    window.add_lower_rest(&last, &N);
    let mut zeros = Columns { low: [u[1]], high: [zero] };
    let mut more = Columns::<1>::zero();
    for s in rolled::<LANES>(0..LANES) {
        let (x, y) = last.pair(s);
        zeros.add(0, x, vector(&N.0[s][1]));
        more.add(0, y, vector(&N.0[s][0]));
    }
    zeros.merge(0, &more);
    window.add_upper_rest(&last, &N);
    let (digits, carries) = zeros.complete(0, Carries::none());
    let one_more = above_digits(plus(digits, broadcast(1)));
    below.high = plus(below.high, carries.high);
    below.above = plus(below.above, plus(carries.above, one_more));

    let mut out = [zero; VECTORS];
    for k in 0..VECTORS {
        (out[k], below) = window.complete(k + 2, below);
    }
    out
}

// Tables.

/// Returns `table[index]`, or zeros for an index past the end. Reads every entry.
#[inline]
#[target_feature(enable = "avx512f")]
fn scan<'a, const V: usize>(table: impl Iterator<Item = &'a [Lanes; V]>, index: u64) -> [__m512i; V] {
    let mut out = [_mm512_setzero_si512(); V];
    for (i, entry) in table.enumerate() {
        // The mask is in a vector and not in a mask register: a load under a mask register skips the masked lanes, so
        // whether the entry's page is read at all would leak.
        let hit = broadcast(Mask::equal(i as u64, index).word());
        for j in 0..V {
            out[j] = _mm512_or_si512(out[j], _mm512_and_si512(hit, vector(&entry[j])));
        }
    }
    out
}

/// Sets `out` to `table[index]`. Reads every entry.
#[target_feature(enable = "avx512f")]
fn select(out: &mut Residue, table: &[Residue], index: u64) {
    store(out, &scan(table.iter().map(Residue::vectors), index));
}

/// Sets `out` to `table[index]`, unconverted. Reads every entry.
#[target_feature(enable = "avx512f,avx512vbmi")]
fn select_plain(out: &mut Residue, table: &[Limbs], index: u64) {
    // 48 limbs are six vectors.
    let entry = scan::<6>(table.iter().filter_map(|limbs| limbs.as_chunks().0.first_chunk()), index);
    let mut words = [_mm512_setzero_si512(); 7];
    words[..6].copy_from_slice(&entry);
    // Eight digits are 408 bits, 51 bytes. A digit begins at most 7 bits into a byte, so it lies within eight bytes.
    // One permutation moves these bytes to the digit's lane, and one shift aligns it.
    let down = vector(&[0, 3, 6, 1, 4, 7, 2, 5]);
    let mut digits = [_mm512_setzero_si512(); VECTORS];
    for i in 0..VECTORS {
        let first = (51 * i) >> 6;
        let wide = _mm512_permutex2var_epi8(words[first], vector(&EIGHT_BYTES[i]), words[first + 1]);
        digits[i] = _mm512_and_si512(_mm512_srlv_epi64(wide, down), broadcast(DIGIT_MAX));
    }
    store(out, &digits);
}

/// For each digit of a vector, the indices of the eight bytes that it lies within, counted in the two vectors of 64
/// bytes where the eight digits are.
static EIGHT_BYTES: [Lanes; VECTORS] = {
    let mut out = [[0; LANES]; VECTORS];
    let mut i = 0;
    while i < VECTORS {
        let mut lane = 0;
        while lane < LANES {
            let first = ((51 * i) & 63) + ((51 * lane) >> 3);
            out[i][lane] = 0x0706_0504_0302_0100 + 0x0101_0101_0101_0101 * first as u64;
            lane += 1;
        }
        i += 1;
    }
    out
};
