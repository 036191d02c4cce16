//! `vpmadd52luq` and `vpmadd52huq` of 256 bits in their VEX form (Intel SDM volume 2), which is AVX-IFMA.
//!
//! AVX-512 has the same two instructions in the EVEX form, one byte longer. So where the VEX form is met, a jump takes its
//! place, to a copy in the other form and a jump back. The registers, the memory operand and what is computed are the
//! same.

use std::ptr;
use std::sync::{Mutex, PoisonError};

use libc::{MAP_ANONYMOUS, MAP_FAILED, MAP_FIXED_NOREPLACE, MAP_PRIVATE, PROT_EXEC, PROT_READ, PROT_WRITE};

use crate::registers::Registers;

/// The longest VEX form: three bytes of prefix, opcode, `ModRM`, SIB and a displacement of four.
const LONGEST: usize = 10;

/// A jump: its opcode and a displacement of four bytes. No VEX form is shorter.
const JUMP: usize = 5;

/// Pages of memory are at least this large, and a power of two of it.
const PAGE: u64 = 4096;

/// Memory for the copies, in reach of a jump from the program.
struct Copies {
    next: u64,
    end: u64,
}

static COPIES: Mutex<Copies> = Mutex::new(Copies { next: 0, end: 0 });

/// Replaces the instruction that stands next if it is one of these two, and returns whether it is.
///
/// A program with one thread is safe from meeting a jump that is half written.
pub fn replace(registers: &mut Registers) -> bool {
    let code: [u8; LONGEST] = registers.code();
    let [0xc4, extensions, rest, 0xb4 | 0xb5, ..] = code else { return false };
    // The map 0F38; W1, 256 bits, 66.
    if extensions & 0x1f != 2 || rest & 0x87 != 0x85 {
        return false;
    }
    let address = registers.address();
    let mut copies = COPIES.lock().unwrap_or_else(PoisonError::into_inner);
    if copies.next + 64 > copies.end && !copies.map_near(address) {
        return false;
    }
    let copy = copies.next;
    copies.next += 64;

    let (mut bytes, length) = evex(&code, address, copy);
    let back = copy + bytes.len() as u64;
    bytes.extend(jump(back, address + length));
    // SAFETY: the 64 bytes from `copy` on are mapped, writable and used by nothing else.
    unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), copy as *mut u8, bytes.len()) };

    let first = address & !(PAGE - 1);
    let size = (address + JUMP as u64 - first) as usize;
    // SAFETY: these are pages of the program's code. The instruction there is at least as long as a jump, and the only
    // thread is in this handler.
    unsafe {
        if libc::mprotect(first as *mut _, size, PROT_READ | PROT_WRITE | PROT_EXEC) != 0 {
            return false;
        }
        ptr::copy_nonoverlapping(jump(address, copy).as_ptr(), address as *mut u8, JUMP);
    }
    registers.go_to(copy);
    true
}

/// Returns an instruction's EVEX form for another address, and the length of the VEX form.
fn evex(code: &[u8; LONGEST], address: u64, copy: u64) -> (Vec<u8>, u64) {
    let [_, extensions, rest, opcode, operands, sib, ..] = *code;
    // The bits for registers are where they are in VEX; those for registers from 16 on say that there are none.
    let mut out = vec![0x62, extensions & 0xe0 | 0x12, rest, 0x28, opcode];
    let (mode, low) = (operands >> 6, operands & 7);
    let has_sib = mode != 3 && low == 4;
    let after = if has_sib { 6 } else { 5 };
    let relative = mode == 0 && low == 5;
    let size = match mode {
        0 if relative || has_sib && sib & 7 == 5 => 4,
        0 | 3 => 0,
        1 => 1,
        _ => 4,
    };
    let length = after + size;
    // EVEX multiplies a displacement of one byte, so it becomes one of four.
    out.push(if mode == 1 { operands & 0x3f | 0x80 } else { operands });
    if has_sib {
        out.push(sib);
    }
    match size {
        0 => {}
        1 => out.extend(i32::from(code[after].cast_signed()).to_le_bytes()),
        _ => {
            let mut displacement = i32::from_le_bytes([code[after], code[after + 1], code[after + 2], code[after + 3]]);
            if relative {
                // It counts from the end of the instruction, and the copy is one byte longer.
                let moved = (address + length as u64).wrapping_sub(copy + length as u64 + 1).cast_signed();
                displacement += i32::try_from(moved).expect("copies are in reach");
            }
            out.extend(displacement.to_le_bytes());
        }
    }
    (out, length as u64)
}

/// A jump.
fn jump(from: u64, to: u64) -> [u8; JUMP] {
    let distance = to.wrapping_sub(from + JUMP as u64).cast_signed();
    let [a, b, c, d] = i32::try_from(distance).expect("copies are in reach").to_le_bytes();
    [0xe9, a, b, c, d]
}

impl Copies {
    /// Maps memory within a gigabyte of an address.
    fn map_near(&mut self, address: u64) -> bool {
        const SIZE: u64 = 1 << 20;
        for distance in 1..1024 {
            let Some(start) = (address & !(SIZE - 1)).checked_sub(distance * SIZE) else { break };
            // SAFETY: the flag keeps what is mapped there already.
            let mapped = unsafe {
                libc::mmap(
                    start as *mut _,
                    SIZE as usize,
                    PROT_READ | PROT_WRITE | PROT_EXEC,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE,
                    -1,
                    0,
                )
            };
            if mapped != MAP_FAILED && mapped as u64 == start {
                (self.next, self.end) = (start, start + SIZE);
                return true;
            }
        }
        false
    }
}
