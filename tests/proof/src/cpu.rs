//! Runs single instructions on this machine's CPU.
//!
//! A page of code sets all registers, runs the instruction, and stores all registers. The instruction is one of a program that
//! is proved; its memory operand, if it has one, is in a buffer beside the code.

use iced_x86::{Code, Encoder, Instruction, MemoryOperand, Register};

/// Bytes of the memory that holds the code, the registers and the buffers.
const BYTES: usize = 0x2_0000;
const REGISTERS: usize = 0x4000;
/// The buffers for operands and for the stack, each of so many bytes.
pub const OPERAND: usize = 0x8000;
pub const STACK: usize = 0x1_0000;
pub const BUFFER: usize = 0x8000;

/// Places of the registers.
const FLAGS: usize = REGISTERS + 0x80;
const OWN_STACK: usize = REGISTERS + 0x88;
const MASKS: usize = REGISTERS + 0xc0;
const VECTORS: usize = REGISTERS + 0x100;

/// What an instruction reads and writes.
#[derive(Clone, Debug, Default)]
pub struct State {
    pub general: [u64; 16],
    pub flags: u64,
    pub masks: [u64; 8],
    pub vectors: [[u64; 8]; 32],
    pub operand: Vec<u8>,
    pub stack: Vec<u8>,
}

/// Memory whose content can be run.
pub struct Cpu {
    memory: *mut u8,
    has_avx_512: bool,
}

#[allow(unsafe_code, reason = "memory that can be run comes from the kernel, and is written and run as bytes")]
impl Cpu {
    pub fn new() -> Option<Self> {
        // SAFETY: the kernel chooses fresh memory, which nothing else refers to.
        let memory = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                BYTES,
                libc::PROT_READ | libc::PROT_WRITE | libc::PROT_EXEC,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
                -1,
                0,
            )
        };
        let has_avx_512 = std::is_x86_feature_detected!("avx512f") && std::is_x86_feature_detected!("avx512bw");
        let is_new = memory != libc::MAP_FAILED && std::is_x86_feature_detected!("avx2");
        is_new.then(|| Self { memory: memory.cast(), has_avx_512 })
    }

    /// The address of a place in the memory.
    pub fn address(&self, place: usize) -> u64 {
        self.memory as u64 + place as u64
    }

    fn write(&mut self, place: usize, bytes: &[u8]) {
        assert!(place + bytes.len() <= BYTES);
        // SAFETY: the memory has BYTES bytes, belongs to `self`, and can be written.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), self.memory.add(place), bytes.len()) };
    }

    fn read(&self, place: usize, bytes: &mut [u8]) {
        assert!(place + bytes.len() <= BYTES);
        // SAFETY: the memory has BYTES bytes, all of them initialised, and nothing writes them meanwhile.
        unsafe { std::ptr::copy_nonoverlapping(self.memory.add(place), bytes.as_mut_ptr(), bytes.len()) };
    }

    /// Runs the bytes of an instruction and returns the state after it, or nothing if it cannot be arranged. The caller makes sure
    /// that this CPU has the instruction, that it is no jump, and that its memory operand is in one of the buffers.
    pub fn run(&mut self, instruction: &[u8], before: &State) -> Option<State> {
        let code = self.code(instruction)?;
        self.write(0, &code);
        for (i, word) in before.general.iter().enumerate() {
            self.write(REGISTERS + 8 * i, &word.to_le_bytes());
        }
        self.write(FLAGS, &before.flags.to_le_bytes());
        for (i, word) in before.masks.iter().enumerate() {
            self.write(MASKS + 8 * i, &word.to_le_bytes());
        }
        for (i, word) in before.vectors.as_flattened().iter().enumerate() {
            self.write(VECTORS + 8 * i, &word.to_le_bytes());
        }
        self.write(OPERAND, &before.operand);
        self.write(STACK, &before.stack);

        // SAFETY: the memory begins with a function of the System V ABI: it restores the registers that a function must keep, and
        // the instruction between reads and writes registers and the buffers only, as the caller has made sure. Nothing else uses
        // the stack pointer meanwhile.
        unsafe {
            let function: extern "sysv64" fn() = std::mem::transmute(self.memory);
            function();
        }

        let mut after =
            State { operand: vec![0; before.operand.len()], stack: vec![0; before.stack.len()], ..State::default() };
        let word = |place: usize| {
            let mut bytes = [0; 8];
            self.read(place, &mut bytes);
            u64::from_le_bytes(bytes)
        };
        after.general = std::array::from_fn(|i| word(REGISTERS + 8 * i));
        after.flags = word(FLAGS);
        after.masks = std::array::from_fn(|i| word(MASKS + 8 * i));
        after.vectors = std::array::from_fn(|i| std::array::from_fn(|lane| word(VECTORS + 64 * i + 8 * lane)));
        self.read(OPERAND, &mut after.operand);
        self.read(STACK, &mut after.stack);
        Some(after)
    }

    /// The function around an instruction.
    fn code(&self, instruction: &[u8]) -> Option<Vec<u8>> {
        const KEPT: [Register; 6] =
            [Register::RBX, Register::RBP, Register::R12, Register::R13, Register::R14, Register::R15];
        let general = |i: usize| Register::RAX + i as u32;
        let mut code = Assembler { base: self.address(0), bytes: Vec::new() };
        for register in KEPT {
            code.add(Instruction::with1(Code::Push_r64, register).ok()?)?;
        }
        code.store(Register::RSP, self.address(OWN_STACK))?;
        for i in 0..if self.has_avx_512 { 32 } else { 16 } {
            let place = self.at(VECTORS + 64 * i);
            code.add(if self.has_avx_512 {
                Instruction::with2(Code::EVEX_Vmovdqu64_zmm_k1z_zmmm512, Register::ZMM0 + i as u32, place).ok()?
            } else {
                Instruction::with2(Code::VEX_Vmovdqu_ymm_ymmm256, Register::YMM0 + i as u32, place).ok()?
            })?;
        }
        if self.has_avx_512 {
            for i in 0..8 {
                let place = self.at(MASKS + 8 * i);
                code.add(Instruction::with2(Code::VEX_Kmovq_kr_km64, Register::K0 + i as u32, place).ok()?)?;
            }
        }
        code.add(Instruction::with1(Code::Push_rm64, self.at(FLAGS)).ok()?)?;
        code.add(Instruction::with(Code::Popfq))?;
        // The stack pointer last.
        for i in (0..16).filter(|&i| i != 4).chain([4]) {
            code.add(Instruction::with2(Code::Mov_r64_rm64, general(i), self.at(REGISTERS + 8 * i)).ok()?)?;
        }
        code.bytes.extend(instruction);
        code.store(Register::RSP, self.address(REGISTERS + 8 * 4))?;
        code.add(Instruction::with2(Code::Mov_r64_rm64, Register::RSP, self.at(OWN_STACK)).ok()?)?;
        for i in (0..16).filter(|&i| i != 4) {
            code.store(general(i), self.address(REGISTERS + 8 * i))?;
        }
        code.add(Instruction::with(Code::Pushfq))?;
        code.add(Instruction::with1(Code::Pop_rm64, self.at(FLAGS)).ok()?)?;
        for i in 0..if self.has_avx_512 { 32 } else { 16 } {
            let place = self.at(VECTORS + 64 * i);
            code.add(if self.has_avx_512 {
                Instruction::with2(Code::EVEX_Vmovdqu64_zmmm512_k1z_zmm, place, Register::ZMM0 + i as u32).ok()?
            } else {
                Instruction::with2(Code::VEX_Vmovdqu_ymmm256_ymm, place, Register::YMM0 + i as u32).ok()?
            })?;
        }
        if self.has_avx_512 {
            for i in 0..8 {
                let place = self.at(MASKS + 8 * i);
                code.add(Instruction::with2(Code::VEX_Kmovq_m64_kr, place, Register::K0 + i as u32).ok()?)?;
            }
        }
        for register in KEPT.into_iter().rev() {
            code.add(Instruction::with1(Code::Pop_r64, register).ok()?)?;
        }
        code.add(Instruction::with(Code::Retnq))?;
        (code.bytes.len() <= REGISTERS).then_some(code.bytes)
    }

    fn at(&self, place: usize) -> MemoryOperand {
        MemoryOperand::with_base_displ(Register::RIP, self.address(place).cast_signed())
    }

    /// Where the instruction will stand, for one whose operand is relative to it.
    pub fn place_of(&self, instruction: &[u8]) -> Option<u64> {
        let before = self.code(&[])?.len();
        let with = self.code(instruction)?;
        // The part after the instruction is the same but for its distances.
        let after = with.len() - before;
        debug_assert_eq!(after, instruction.len());
        let position = with.windows(instruction.len()).position(|bytes| bytes == instruction)?;
        Some(self.address(position))
    }
}

impl Drop for Cpu {
    #[allow(unsafe_code, reason = "the kernel takes back what it has given")]
    fn drop(&mut self) {
        // SAFETY: `new` has got this memory, and nothing refers to it any more.
        unsafe { libc::munmap(self.memory.cast(), BYTES) };
    }
}

struct Assembler {
    base: u64,
    bytes: Vec<u8>,
}

impl Assembler {
    fn add(&mut self, instruction: Instruction) -> Option<()> {
        let mut encoder = Encoder::new(64);
        encoder.encode(&instruction, self.base + self.bytes.len() as u64).ok()?;
        self.bytes.extend(encoder.take_buffer());
        Some(())
    }

    fn store(&mut self, register: Register, address: u64) -> Option<()> {
        let place = MemoryOperand::with_base_displ(Register::RIP, address.cast_signed());
        self.add(Instruction::with2(Code::Mov_rm64_r64, place, register).ok()?)
    }
}
