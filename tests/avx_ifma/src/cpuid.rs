//! `cpuid` of a CPU with AVX-IFMA and without AVX-512.

use std::arch::x86_64::__cpuid_count;

use crate::registers::Registers;

/// `arch_prctl` codes of `asm/prctl.h`.
const ARCH_CPUID_SET: i32 = 0x1012;

/// AVX512F, DQ, IFMA, PF, ER, CD, BW and VL in EBX of leaf 7.
const AVX_512_EBX: u32 = 1 << 16 | 1 << 17 | 1 << 21 | 1 << 26 | 1 << 27 | 1 << 28 | 1 << 30 | 1 << 31;

/// VBMI, VBMI2, VNNI, BITALG and VPOPCNTDQ in ECX of leaf 7.
const AVX_512_ECX: u32 = 1 << 1 | 1 << 6 | 1 << 11 | 1 << 12 | 1 << 14;

/// AVX-IFMA in EAX of leaf 7, subleaf 1.
const AVX_IFMA_EAX: u32 = 1 << 23;

/// Makes `cpuid` fault in this thread and in those that it starts. Returns whether the machine can.
pub fn fault() -> bool {
    set(false)
}

fn set(allowed: bool) -> bool {
    // SAFETY: the call changes nothing but whether `cpuid` faults.
    unsafe { libc::syscall(libc::SYS_arch_prctl, ARCH_CPUID_SET, i64::from(allowed)) == 0 }
}

/// Answers a `cpuid` that has faulted, and returns whether it was one.
pub fn answer(registers: &mut Registers) -> bool {
    if registers.code::<2>() != [0x0f, 0xa2] {
        return false;
    }
    let (leaf, subleaf) = registers.leaf();
    set(true);
    let mut answer = __cpuid_count(leaf, subleaf);
    if leaf == 7 && subleaf == 0 {
        answer.eax = answer.eax.max(1);
        answer.ebx &= !AVX_512_EBX;
        answer.ecx &= !AVX_512_ECX;
    }
    if leaf == 7 && subleaf == 1 {
        answer.eax |= AVX_IFMA_EAX;
    }
    set(false);
    registers.set_answer(answer.eax, answer.ebx, answer.ecx, answer.edx);
    let next = registers.address() + 2;
    registers.go_to(next);
    true
}
