//! The registers of the thread that a signal has interrupted.

use libc::{REG_RAX, REG_RBX, REG_RCX, REG_RDX, REG_RIP, c_int, c_void, ucontext_t};

/// The registers that a signal has saved, and that the program goes on with.
pub struct Registers {
    context: *mut ucontext_t,
}

impl Registers {
    /// # Safety
    ///
    /// `context` must be what the kernel gave to a handler that has not returned yet.
    pub unsafe fn new(context: *mut c_void) -> Self {
        Self { context: context.cast() }
    }

    fn place(&mut self, register: c_int) -> &mut i64 {
        let index = usize::try_from(register).expect("register numbers are not negative");
        // SAFETY: the context is valid while the handler runs, and nothing else refers to it.
        unsafe { &mut (&mut (*self.context).uc_mcontext.gregs)[index] }
    }

    /// EAX and ECX, which `cpuid` reads.
    pub fn leaf(&mut self) -> (u32, u32) {
        (*self.place(REG_RAX) as u32, *self.place(REG_RCX) as u32)
    }

    /// Sets EAX, EBX, ECX and EDX.
    pub fn set_answer(&mut self, eax: u32, ebx: u32, ecx: u32, edx: u32) {
        for (register, value) in [(REG_RAX, eax), (REG_RBX, ebx), (REG_RCX, ecx), (REG_RDX, edx)] {
            *self.place(register) = i64::from(value);
        }
    }

    /// The address of the instruction.
    pub fn address(&mut self) -> u64 {
        self.place(REG_RIP).cast_unsigned()
    }

    /// Goes on at another address.
    pub fn go_to(&mut self, address: u64) {
        *self.place(REG_RIP) = address.cast_signed();
    }

    /// The bytes of the instruction and of what follows.
    pub fn code<const L: usize>(&mut self) -> [u8; L] {
        // SAFETY: the program was about to run these bytes, and code is followed by more than the few that are read here.
        unsafe { std::ptr::read_unaligned(self.address() as *const [u8; L]) }
    }
}
