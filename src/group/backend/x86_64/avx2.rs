//! Vectors of four for the backends on AVX2: the digits of a residue in fours, and the tables.

use core::arch::x86_64::{
    __m256i, _mm256_add_epi64, _mm256_alignr_epi8, _mm256_and_si256, _mm256_or_si256, _mm256_permute2x128_si256,
    _mm256_set1_epi64x, _mm256_setzero_si256, _mm256_srli_epi64, _mm256_unpackhi_epi64, _mm256_unpacklo_epi64,
};
use core::mem::transmute;

use super::digits51::{DIGIT_BITS, Residue, VECTORS};
use crate::group::limbs::{LIMBS, Limbs, Mask};

/// Digits in a vector.
pub(super) const LANES: usize = 4;

/// Vectors of a residue.
pub(super) const WIDTH: usize = 2 * VECTORS;

/// Four digits or columns in memory.
pub(super) type Lanes = [u64; LANES];

/// Reads a vector.
#[inline]
#[target_feature(enable = "avx2")]
#[allow(unsafe_code, reason = "core::arch has no safe conversion")]
pub(super) fn vector(lanes: &Lanes) -> __m256i {
    // SAFETY: both types are 32 bytes in which every bit pattern is valid.
    unsafe { transmute(*lanes) }
}

/// Writes a vector.
#[inline]
#[target_feature(enable = "avx2")]
#[allow(unsafe_code, reason = "core::arch has no safe conversion")]
pub(super) fn lanes(x: __m256i) -> Lanes {
    // SAFETY: both types are 32 bytes in which every bit pattern is valid.
    unsafe { transmute(x) }
}

/// Returns `digit` in every lane.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn broadcast(digit: u64) -> __m256i {
    _mm256_set1_epi64x(digit.cast_signed())
}

/// Returns `x + y`.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn plus(x: __m256i, y: __m256i) -> __m256i {
    _mm256_add_epi64(x, y)
}

/// Returns the bits above the digits of columns: `⌊x / 2^51⌋`.
#[inline]
#[target_feature(enable = "avx2")]
#[allow(clippy::cast_possible_wrap, reason = "it is 51")]
pub(super) fn above_digits(x: __m256i) -> __m256i {
    _mm256_srli_epi64::<{ DIGIT_BITS as i32 }>(x)
}

/// Returns the lanes of `x` moved up by one, with the top lane of `below` as the lowest.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn moved_up_one(x: __m256i, below: __m256i) -> __m256i {
    // The permutation returns the upper half of `below`, then the lower half of `x`. Each half of the result takes
    // its lower lane from there.
    _mm256_alignr_epi8::<8>(x, _mm256_permute2x128_si256::<0x21>(below, x))
}

/// Returns the lanes of `x` and `y` in turn: those of lanes 0 and 1 for `half` 0, of lanes 2 and 3 for 1.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn interleaved(half: usize, x: __m256i, y: __m256i) -> __m256i {
    let (even, odd) = (_mm256_unpacklo_epi64(x, y), _mm256_unpackhi_epi64(x, y));
    if half == 0 { _mm256_permute2x128_si256::<0x20>(even, odd) } else { _mm256_permute2x128_si256::<0x31>(even, odd) }
}

/// The lanes above lane 0, and above lane 2.
pub(super) static ABOVE: [Lanes; 2] = [[0, u64::MAX, u64::MAX, u64::MAX], [0, 0, 0, u64::MAX]];

impl Residue {
    /// The digits, in vectors of four.
    #[inline(always)]
    pub(super) fn fours(&self) -> &[Lanes; WIDTH] {
        self.moved_up_fours(0)
    }

    /// The digits moved up by `places`, 0 to 3, in vectors of four. 61 digits then still fit in 16 vectors.
    #[inline(always)]
    pub(super) fn moved_up_fours(&self, places: usize) -> &[Lanes; WIDTH] {
        let (vectors, _) = self.moved_up(places).as_chunks();
        vectors.first_chunk().expect("a residue has 20 vectors of four, and at most two are cut off")
    }
}

// Tables.

/// Returns `table[index]`, or zeros for an index past the end. Reads every entry.
#[inline]
#[target_feature(enable = "avx2")]
fn scan<'a, const V: usize>(table: impl Iterator<Item = &'a [Lanes; V]>, index: u64) -> [Lanes; V] {
    let mut out = [_mm256_setzero_si256(); V];
    for (i, entry) in table.enumerate() {
        let hit = broadcast(Mask::equal(i as u64, index).word());
        for k in 0..V {
            out[k] = _mm256_or_si256(out[k], _mm256_and_si256(hit, vector(&entry[k])));
        }
    }
    let mut digits = [[0; LANES]; V];
    for k in 0..V {
        digits[k] = lanes(out[k]);
    }
    digits
}

/// Sets `out` to entry `index` of the table. Reads every entry.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn select<'a>(out: &mut Residue, table: &(impl Iterator<Item = &'a Residue> + Clone), index: u64) {
    // The registers hold half an entry.
    for half in 0..2 {
        let entry = scan::<8>(table.clone().filter_map(|entry| entry.fours().as_chunks().0.get(half)), index);
        out.vectors_mut().as_flattened_mut()[32 * half..][..32].copy_from_slice(entry.as_flattened());
    }
}

/// Returns `table[index]`. Reads every entry.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn select_limbs(table: &[Limbs], index: u64) -> Limbs {
    // 48 limbs are twelve vectors.
    let entry = scan::<12>(table.iter().filter_map(|limbs| limbs.as_chunks().0.first_chunk()), index);
    let mut limbs = [0; LIMBS];
    limbs.copy_from_slice(entry.as_flattened());
    limbs
}
