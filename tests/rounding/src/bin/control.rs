//! Prints what floating-point environment a thread of this program has: the rounding mode, and whether subnormal
//! operands and results are flushed to zero.

use std::hint::black_box;

fn main() {
    std::thread::spawn(|| {
        let third = |sign: f64| black_box(sign) / black_box(3.0);
        // To nearest, a third is rounded towards zero.
        let (positive, negative) = (third(1.0).to_bits(), third(-1.0).to_bits() & (u64::MAX >> 1));
        let sum = black_box(1.0) + black_box(f64::EPSILON * 0.75);
        let mode = match (positive > negative, positive < negative) {
            (true, _) => "up",
            (_, true) => "down",
            _ if sum > 1.0 => "nearest",
            _ => "zero",
        };
        let operand = black_box(f64::from_bits(1)) + black_box(0.0) == 0.0;
        let result = (black_box(f64::MIN_POSITIVE) * black_box(0.5)).to_bits() == 0;
        println!("{mode}{}{}", if operand { " daz" } else { "" }, if result { " ftz" } else { "" });
    })
    .join()
    .expect("the thread does not panic");
}
