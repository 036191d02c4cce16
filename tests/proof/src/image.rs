//! The program: its segments, its functions by name, and the names of what it calls in libraries.

use std::collections::{HashMap, HashSet};

use object::elf::{PF_W, PF_X, R_X86_64_GLOB_DAT, R_X86_64_JUMP_SLOT, R_X86_64_RELATIVE};
use object::read::elf::{ElfFile64, ProgramHeader as _};
use object::{Endianness, Object as _, ObjectSymbol as _, RelocationFlags, RelocationTarget, SymbolKind};

/// A part of the program as the loader puts it into memory.
#[derive(Clone)]
struct Segment {
    address: u64,
    data: Vec<u8>,
    is_constant: bool,
    is_code: bool,
}

/// A function of the program.
#[derive(Clone, Debug)]
pub struct Function {
    pub name: String,
    pub address: u64,
    pub bytes: u64,
}

#[derive(Clone)]
pub struct Image {
    segments: Vec<Segment>,
    pub functions: Vec<Function>,
    /// The names of library functions, by the address of the word that the loader fills with the function's address.
    pub imports: HashMap<u64, String>,
    /// Addresses in the program that the loader writes before it makes them constant, by the address of the word.
    pub pointers: HashMap<u64, u64>,
    /// Words that the loader changes.
    relocated: HashSet<u64>,
}

impl Image {
    pub fn read(data: &[u8]) -> Result<Self, object::Error> {
        let file = ElfFile64::<Endianness>::parse(data)?;
        let endian = file.endian();
        let mut segments = Vec::new();
        let mut made_constant = 0..0;
        for header in file.elf_program_headers() {
            if header.p_type(endian) == object::elf::PT_GNU_RELRO {
                made_constant = header.p_vaddr(endian)..header.p_vaddr(endian) + header.p_memsz(endian);
            }
            if header.p_type(endian) == object::elf::PT_LOAD {
                let flags = header.p_flags(endian);
                segments.push(Segment {
                    address: header.p_vaddr(endian),
                    data: header.data(endian, data).unwrap_or_default().to_vec(),
                    is_constant: flags & PF_W == 0,
                    is_code: flags & PF_X != 0,
                });
            }
        }
        let functions = file
            .symbols()
            .filter(|symbol| symbol.kind() == SymbolKind::Text && symbol.size() > 0)
            .filter_map(|symbol| {
                let name = format!("{:#}", rustc_demangle::demangle(symbol.name().ok()?));
                Some(Function { name, address: symbol.address(), bytes: symbol.size() })
            })
            .collect();
        let mut imports = HashMap::new();
        let mut pointers = HashMap::new();
        let mut relocated = HashSet::new();
        for (address, relocation) in file.dynamic_relocations().into_iter().flatten() {
            relocated.insert(address);
            if let RelocationFlags::Elf { r_type: R_X86_64_RELATIVE } = relocation.flags()
                && made_constant.contains(&address)
            {
                pointers.insert(address, relocation.addend().cast_unsigned());
            }
            if let RelocationFlags::Elf { r_type: R_X86_64_GLOB_DAT | R_X86_64_JUMP_SLOT } = relocation.flags()
                && let RelocationTarget::Symbol(index) = relocation.target()
                && let Some(table) = file.dynamic_symbol_table()
                && let Ok(symbol) = object::ObjectSymbolTable::symbol_by_index(&table, index)
                && let Ok(name) = symbol.name()
            {
                imports.insert(address, name.to_owned());
            }
        }
        Ok(Self { segments, functions, imports, pointers, relocated })
    }

    /// The functions whose name ends in `name`.
    pub fn functions_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Function> {
        self.functions.iter().filter(move |function| function.name.ends_with(name))
    }

    /// The function that an address is in.
    pub fn function_at(&self, address: u64) -> Option<&Function> {
        self.functions.iter().find(|function| (function.address..function.address + function.bytes).contains(&address))
    }

    fn bytes(&self, address: u64, len: usize, is_wanted: impl Fn(&Segment) -> bool) -> Option<&[u8]> {
        let segment = self.segments.iter().find(|segment| {
            is_wanted(segment) && segment.address <= address && address - segment.address < segment.data.len() as u64
        })?;
        let start = usize::try_from(address - segment.address).ok()?;
        segment.data[start..].get(..len)
    }

    /// Constant memory, as the program's file has it.
    pub fn constant(&self, address: u64, len: usize) -> Option<&[u8]> {
        if (0..8 + len as u64).any(|i| self.relocated.contains(&(address + i).wrapping_sub(7))) {
            return None;
        }
        self.bytes(address, len, |segment| segment.is_constant)
    }

    /// The code from an address on, at most 15 bytes.
    pub fn code(&self, address: u64) -> Option<&[u8]> {
        (1..=15).rev().find_map(|len| self.bytes(address, len, |segment| segment.is_code && segment.is_constant))
    }

    /// Flips a bit.
    pub fn flip(&mut self, address: u64, bit: u32) {
        for segment in &mut self.segments {
            if let Some(byte) =
                address.checked_sub(segment.address).and_then(|i| segment.data.get_mut(usize::try_from(i).ok()?))
            {
                *byte ^= 1 << bit;
            }
        }
    }
}

#[cfg(test)]
impl Image {
    /// The address of the code of a program that has nothing else.
    pub const CODE: u64 = 0x1000;

    /// The address behind it.
    pub fn end(&self) -> u64 {
        Self::CODE + self.segments[0].data.len() as u64
    }

    pub fn of_code(instructions: &[iced_x86::Instruction]) -> Self {
        let mut encoder = iced_x86::Encoder::new(64);
        let mut at = Self::CODE;
        for instruction in instructions {
            at += encoder.encode(instruction, at).expect("it has an encoding") as u64;
        }
        let code = Segment { address: Self::CODE, data: encoder.take_buffer(), is_constant: true, is_code: true };
        Self {
            segments: vec![code],
            functions: Vec::new(),
            imports: HashMap::new(),
            pointers: HashMap::new(),
            relocated: HashSet::new(),
        }
    }
}
