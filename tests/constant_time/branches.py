#!/usr/bin/env python3
"""Reads the machine code of the group's functions and shows that no branch and no address in it depends on a secret.

    branches.py PROGRAM

The script disassembles PROGRAM with objdump and tracks in each function which registers, flags and stack slots are public.
Constants, addresses of the program and of the stack, the arguments that `PUBLIC` names, and values computed from these alone
are public. All other values are secret, above all those read from memory. The script prints every conditional jump with the
instruction that sets its flags. It fails if a jump, an address or the target of a call is not public, or if the code has a
division, a gather or a scatter. `README.md` says what this proves.
"""

import collections
import re
import struct
import subprocess
import sys

from listing import functions

# The public arguments of each function: pointers, whose targets are secret, and lengths. A function that is not listed has
# none. An argument may list the offsets at which a public value lies behind its pointer.
EXPONENT_BITS = {0x188: "Exponent::bits"}
PUBLIC = [
    (r"group::pow::pow$", {"rdi": {}, "rsi": {}, "rdx": EXPONENT_BITS}, "out, base, exponent"),
    (r"group::pow::pow_g$", {"rdi": {}, "rsi": EXPONENT_BITS}, "out, exponent"),
    (r"portable::(multiply|square)$", {"rdi": {}, "rsi": {}, "rdx": {}}, "out, a, b"),
    (r"(::(multiply|square)|Arithmetic>::(mul|square))$", {"rdi": {}, "rsi": {}}, "a, b"),
    (r"fma::montgomery$", {"rdi": {}, "rsi": {}}, "a, b or null"),
    (r"avxifma::product$", {"rdi": {}, "rsi": {}, "rdx": {}, "rcx": {}}, "out, block, a, b"),
    (r"avxifma::Columns::plus_product$", {"rdi": {}, "rsi": {}, "rdx": {}, "rcx": {}, "r8": {}}, "out, sums, offset, digits, number"),
    (r"digits51::canonical$", {"rdi": {}, "rsi": {}, "rdx": {}}, "out, digits, their end"),
    (r"(::(load|leave|from_limbs|canonical)|Arithmetic>?::(load|leave|enter))$", {"rdi": {}, "rsi": {}}, "out, value"),
    (r"(::(select|select_plain|scan)|Arithmetic>::(select|select_plain))$", {"rdi": {}, "rsi": {}, "rdx": {}},
     "out, table, length; the index is secret"),
    (r"(Arithmetic>::wipe|as core::ops::drop::Drop>::drop)$", {"rdi": {}}, "the value to wipe"),
    (r"Exponent::(from_be_bytes|from_be_slice|read)$", {"rdi": {}, "rsi": {}, "rdx": {}}, "out, bytes, length"),
    (r"limbs::read_be_bytes$", {"rdi": {}, "rsi": {}, "rdx": {}, "rcx": {}}, "out, its length, bytes, their length"),
    (r"Exponent::plus_product$", {"rdi": {}, "rsi": EXPONENT_BITS, "rdx": {}, "rcx": {}}, "out, self, u, x"),
    (r"Element::(read|reduce|from_256_bits|add|sub|mul|to_be_bytes)$|group::element::reduce$|limbs::(to|from)_be_bytes$|limbs::(add|sub)$",
     {"rdi": {}, "rsi": {}, "rdx": {}}, "out, operands"),
    (r"Backend::mul_repeatedly$", {"rdi": {}, "rsi": {}, "rdx": {}, "rcx": {}, "r8": {}}, "out, backend, a, b, times"),
    (r"Backend::square_repeatedly$", {"rdi": {}, "rsi": {}, "rdx": {}, "rcx": {}}, "out, backend, a, times"),
    # `Exponent::bits` lies further behind its pointer than a base is long.
    (r"Backend::(pow|pow_g)$", {"rdi": {}, "rsi": EXPONENT_BITS, "rdx": EXPONENT_BITS, "rcx": EXPONENT_BITS},
     "out, backend, base, exponent"),
    (r"backend::mul_repeatedly$", {"rdi": {}, "rsi": {}, "rdx": {}, "rcx": {}}, "out, a, b, times"),
    (r"backend::square_repeatedly$", {"rdi": {}, "rsi": {}, "rdx": {}}, "out, a, times"),
]

# The backends and the modules of their code. Every program for x86-64 has all of them, whether or not the machine can run
# them.
BACKENDS = {"digits28": "digits28", "portable": "portable", "bmi2": "x86_64::bmi2", "fma": "x86_64::fma",
            "avxifma": "x86_64::avxifma", "ifma": "x86_64::ifma"}

# Functions that never see a secret: they detect the CPU, choose a backend, or check the range of a public key.
NO_SECRETS = re.compile(r"Backend::(best|all|use_everywhere)\b|::detect$|::choice::|::cpuid_\w+::|Element::read_vartime$")

# The end of a call whose result is the backend in use.
CHOICE = "<cognito_srp6a::group::backend::Backend::best>"

WORDS = {64: "rax rbx rcx rdx rsi rdi rbp rsp", 32: "eax ebx ecx edx esi edi ebp esp", 16: "ax bx cx dx si di bp sp",
         8: "al bl cl dl sil dil bpl spl", 9: "ah bh ch dh"}
NAMES = WORDS[64].split()
REGISTERS = {name: NAMES[i] for names in WORDS.values() for i, name in enumerate(names.split())}
REGISTERS |= {f"r{n}{suffix}": f"r{n}" for n in range(8, 16) for suffix in ("", "d", "w", "b")}
NARROW = " ".join([WORDS[8], WORDS[9], WORDS[16]]).split()
WIDTHS = {"BYTE": 1, "WORD": 2, "DWORD": 4, "QWORD": 8, "XMMWORD": 16, "YMMWORD": 32, "ZMMWORD": 64}
HIGH = WORDS[9].split()
LOW = [*WORDS[8].split(), *(f"r{n}b" for n in range(8, 16))]
CALLER_SAVED = ["rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11"]

SECRET = "secret"
JUMP = re.compile(r"j(?!mp)\w+|loop\w*")
# Instructions that compute their first operand from the others alone, or from itself and the others.
MOVES = re.compile(r"mov(abs|zx|sx|sxd)?|lea")
FRESH = re.compile(r"bswap|not|rorx|shlx|shrx|sarx|pdep|pext")
ARITHMETIC = re.compile(r"add|sub|adc|sbb|adcx|adox|and|andn|or|xor|neg|inc|dec|shl|shr|sar|sal|shld|shrd|rol|ror|rcl|rcr|imul"
                        r"|popcnt|lzcnt|tzcnt|bsf|bsr|bts|btr|btc|blsr|blsi|blsmsk|bzhi|bextr")
COMPARE = re.compile(r"cmp|test|bt")
WITH_CARRY = ("adc", "sbb", "adcx", "rcl", "rcr")
# Conditions that read the carry alone, and the carry and another flag. All others do not read it.
CARRY = ("b", "c", "nae", "ae", "nb", "nc")
CARRY_AND_ZERO = ("a", "be", "na", "nbe")
IGNORED = re.compile(r"nop\w*|endbr64|push|ret|leave|ud2|int3|cs|data16|xchg|v.*|k(mov|add|and|or|xor|not|shift|unpck)\w*|"
                     r"(mov|p|un|sh|add|and|or|xor|sub|mul)\w*(ps|pd|ss|sd|dq[au]?|aps|ups|q|d|b|w|lh|hl)\w*|mfence|lfence")
FORBIDDEN = re.compile(r"i?div[a-z]*|v?p?(gather|scatter)\w*|v(gather|scatter|pgather|pscatter)\w*|v?div[sp][sd]|v?sqrt\w*|"
                       r"rep\w*|cmps\w|scas\w|xlat\w*")
# Instructions with a mask that decides which parts of memory they touch. A mask register beside a memory operand does the
# same, and is followed as other registers are.
MASKED = re.compile(r"v?p?maskmov\w*|v?p?(compress|expand)\w*")
# Instructions without operands that change no register but the stack pointer, or that the reader knows.
WITHOUT_OPERANDS = re.compile(r"nop\w*|ret|leave|endbr64|ud2|int3|cs|data16|vzeroupper|vzeroall|[ml]fence|cqo|cdq|cdqe|cld")
GATHER = re.compile(r"vp?gather\w*")
VECTOR = re.compile(r"[xyz]mm(\d+)")
# Vector instructions that read their destination. So does one with a mask and without `{z}`, and every one without a `v`.
READ_DESTINATION = re.compile(r"vf(n?m)(add|sub)\w*|vpmadd52\w*|vpternlog\w*|vpermt2\w*|vpermi2\w*|vpdp\w*|vshufbit\w*|vpsh[lr]dv\w*")
VECTOR_FLAGS = re.compile(r"v?u?comis[sd]|v?ptest|vtest\w+|kor?test\w*|ktest\w*|v?pcmp[ei]str\w")

Instruction = collections.namedtuple("Instruction", "address text name operands target")


def listed(program):
    return functions("objdump", ["--disassembler-options=intel"], program, instruction)


def instruction(address, text):
    code = re.sub(r"\s*(#.*)?$", "", text)
    words = code.split(None, 1)
    while words[0] in ("lock", "bnd", "notrack", "data16", "cs", "{vex}", "{evex}") and len(words) > 1:
        words = words[1].split(None, 1)
    rest = words[1] if len(words) > 1 else ""
    target = re.match(r"([0-9a-f]+) <", rest)
    operands = [] if target else [operand.strip() for operand in re.split(r",(?![^\[]*\])", rest) if operand.strip()]
    return Instruction(address, text, words[0], operands, target and int(target[1], 16))


def is_memory(operand):
    return "[" in operand


def low(operand):
    """Returns the name of a register's lowest byte in the state."""
    return f"{REGISTERS[operand]} low"


def wide(operand):
    """Returns the name of a vector or mask register in the state, or None. The widths of a vector register are one."""
    match = None if is_memory(operand) else re.match(r"(?:[xyz]mm|(k))(\d+)\b", operand)
    return match and ("k" if match[1] else "v") + match[2]


def masks(instruction):
    """Returns the mask registers that choose elements of an instruction."""
    return re.findall(r"\{(k[1-7])\}", instruction.text)


def address_registers(operand):
    inside = re.search(r"\[(.*)\]", operand)[1]
    return [REGISTERS[word] for word in re.findall(r"[a-z]\w*", inside) if word in REGISTERS]


def slot(operand):
    """Returns the offset of a stack slot addressed by the stack pointer and a constant, or None."""
    match = re.search(r"\[rsp(?:([+-])0x([0-9a-f]+))?\]", operand)
    return None if match is None else int((match[1] or "") + (match[2] or "0"), 16)


class Image:
    """The memory of the program when it starts."""

    def __init__(self, program):
        with open(program, "rb") as file:
            self.data = file.read()
        offset, = struct.unpack_from("<Q", self.data, 32)
        size, count = struct.unpack_from("<HH", self.data, 54)
        # Type, flags, offset, address, physical address, size in the file.
        headers = [struct.unpack_from("<IIQQQQ", self.data, offset + size * i) for i in range(count)]
        self.loaded = [(address, start, length) for kind, _, start, address, _, length in headers if kind == 1]

    def distance(self, address):
        """Returns the signed double word at an address."""
        for begin, start, length in self.loaded:
            if begin <= address <= begin + length - 4:
                return struct.unpack_from("<i", self.data, start + address - begin)[0]
        return 0


class Function:
    """Tracks the public values through one function, until nothing changes."""

    def __init__(self, name, body, image):
        self.name, self.body, self.image = name, body, image
        self.index = {instruction.address: i for i, instruction in enumerate(body)}
        self.arguments = next((arguments for pattern, arguments, _ in PUBLIC if re.search(pattern, name)), {})
        # Arrays begin at the lowest slot whose address is taken or that is indexed.
        taken = [int(offset or "0", 16) for instruction in body for operand in instruction.operands
                 for offset in re.findall(r"\[rsp(?:\+\w+\*\d)?(?:\+?(-?0x[0-9a-f]+))?\]", operand)
                 if instruction.name == "lea" or "*" in operand]
        taken += [0 for instruction in body for operand in instruction.operands
                  if is_memory(operand) and re.search(r"\[\w+\+rsp|\[rsp\+r\w+[\]+]", operand)
                  and not re.search(r"\[rsp\+0x", operand)]
        self.arrays = min(taken, default=1 << 30)
        self.spilled = {slot(instruction.operands[0]) for instruction in body
                        if instruction.name == "mov" and instruction.operands[1] in REGISTERS}
        # `black_box` of a constant stores it and reads it again at once. In between, the code may take its address without use.
        self.barriers = set()
        reached = {part.target for part in body}
        for store, *rest in zip(body, body[1:], body[2:]):
            at = slot(store.operands[0]) if store.name == "mov" else None
            if at is None or not re.fullmatch(r"(0x)?[0-9a-f]+", store.operands[1]):
                continue
            load = rest[1] if rest[0].name == "lea" and slot(rest[0].operands[1]) == at else rest[0]
            # Only the store comes before the load: no jump leads to the load or between the two.
            if load.name == "mov" and slot(load.operands[1]) == at and not reached & {part.address for part in rest}:
                self.barriers.add(load.address)
        self.states = {}

    def entry(self):
        state = {register: SECRET for register in [*NAMES, *(f"r{n}" for n in range(8, 16))]}
        state |= {"rsp": "stack", "carry": SECRET, "flags": SECRET}
        # A mask of all ones, by its number.
        state["k0"] = "constant"
        return state | {register: f"argument {register}" for register in self.arguments}

    def run(self):
        waiting = [(0, self.entry())]
        while waiting:
            i, state = waiting.pop()
            while i < len(self.body):
                known = self.states.get(i)
                if known is not None:
                    state = joined(known, state)
                    if state == known:
                        break
                self.states[i] = state
                instruction = self.body[i]
                state = self.step(dict(state), instruction)
                if instruction.target in self.index and not instruction.name.startswith("call"):
                    waiting.append((self.index[instruction.target], state))
                if instruction.name == "jmp" and instruction.target is None:
                    waiting += [(self.index[target], state) for target in self.listed(state, instruction)]
                if instruction.name in ("jmp", "ret", "ud2"):
                    break
                i += 1

    def value(self, state, operand):
        """Returns the kind of an operand: `SECRET`, or a kind of public value."""
        if is_memory(operand):
            if "rip" in operand:
                return "constant"
            if (at := slot(operand)) is not None:
                # What is read must be what one store has written: no wider, and no part of a vector.
                known, width = state.get(at, SECRET), WIDTHS.get(operand.split()[0], 64)
                return known if width <= 4 or width == 8 and f"narrow {at}" not in state else SECRET
            return self.field(state, operand) or SECRET
        if operand in LOW:
            return state.get(low(operand), state[REGISTERS[operand]])
        if operand in REGISTERS:
            return state[REGISTERS[operand]]
        if register := wide(operand):
            return state.get(register, SECRET)
        return "constant" if re.fullmatch(r"-?(0x)?[0-9a-f]+", operand) else SECRET

    def field(self, state, operand):
        match = re.search(r"\[(\w+)\+0x([0-9a-f]+)\]", operand)
        kind = match and state.get(REGISTERS.get(match[1]), SECRET)
        if kind and kind.startswith("argument "):
            return self.arguments[kind.split()[1]].get(int(match[2], 16))
        return None

    def write(self, state, operand, kind):
        if operand in REGISTERS:
            register = REGISTERS[operand]
            narrow = operand in NARROW or re.fullmatch(r"r\d+[wb]", operand)
            # A byte that is written may be read again by itself, whatever is above it.
            if operand in LOW:
                state[low(operand)] = kind
            elif operand not in HIGH:
                state.pop(low(operand), None)
            state[register] = mixed([state[register], kind]) if narrow else kind
        elif register := wide(operand):
            state[register] = kind
        elif is_memory(operand) and (at := slot(operand)) is not None:
            width = WIDTHS.get(operand.split()[0], 64)
            state.update({other: SECRET for other in state if isinstance(other, int) and at - 8 < other < at + width})
            state[at] = kind if width in (4, 8) else SECRET
            state.pop(f"narrow {at}", None)
            if width == 4:
                state[f"narrow {at}"] = "constant"

    def step(self, state, instruction):
        name, operands = instruction.name, instruction.operands
        kinds = [self.value(state, operand) for operand in operands]
        if name.startswith("call"):
            registers = [register for register in state if isinstance(register, str) and re.fullmatch(r"[vk]\d+", register)]
            state.update(dict.fromkeys([*CALLER_SAVED, "carry", "flags", *registers], SECRET))
            for register in CALLER_SAVED:
                state.pop(f"{register} low", None)
            # The choice of a backend knows no secret, so it is public, and a caller may jump through a table by it.
            if instruction.text.endswith(CHOICE):
                state["rax"] = "choice of a backend"
            # The called function writes below the stack pointer.
            state.update({at: SECRET for at in state if isinstance(at, int) and at < 0})
        elif name == "lea" and "rip" in operands[1]:
            self.write(state, operands[0], f"program {re.search(r'# ([0-9a-f]+)', instruction.text)[1]}")
        elif name == "movsxd" and (table := self.jump_table(state, operands[1])):
            self.write(state, operands[0], f"distance {table}")
        elif name == "add" and kinds[0].startswith("distance ") and kinds[1] == kinds[0].replace("distance", "program"):
            self.write(state, operands[0], kinds[0].replace("distance", "target"))
            state.update(carry="counter or length", flags="counter or length")
        elif name == "lea":
            self.write(state, operands[0], mixed([state.get(r, SECRET) for r in address_registers(operands[1])] or ["constant"]))
        elif MOVES.fullmatch(name):
            # A constant stored among the arrays may initialise one, unless the slot also keeps a register.
            at = slot(operands[0])
            array = at is not None and at >= self.arrays and operands[1] not in REGISTERS and at not in self.spilled
            kind = "constant" if instruction.address in self.barriers else SECRET if array else kinds[1]
            self.write(state, operands[0], kind)
        elif name in ("cqo", "cdq"):
            state.pop("rdx low", None)
            state["rdx"] = state["rax"]
        elif name == "cdqe":
            pass
        elif name == "pop":
            self.write(state, operands[0], SECRET)
        elif name.startswith("cmov"):
            self.write(state, operands[0], mixed([*kinds, self.condition(state, name[4:])]))
        elif name.startswith("set"):
            self.write(state, operands[0], self.condition(state, name[3:]))
        elif name == "mulx":
            kind = mixed([kinds[2], state["rdx"]])
            self.write(state, operands[0], kind)
            self.write(state, operands[1], kind)
        elif name == "mul" or name == "imul" and len(operands) == 1:
            kind = mixed([kinds[0], state["rax"]])
            state.pop("rax low", None)
            state.pop("rdx low", None)
            state.update(rax=kind, rdx=kind, carry=kind, flags=kind)
        elif name == "xor" and operands[0] == operands[1] or name == "sub" and operands[0] == operands[1]:
            self.write(state, operands[0], "constant")
            state.update(carry="constant", flags="constant")
        elif COMPARE.fullmatch(name):
            state.update(carry=mixed(kinds), flags=mixed(kinds))
        elif FRESH.fullmatch(name):
            self.write(state, operands[0], mixed(kinds[1:] or kinds))
        elif ARITHMETIC.fullmatch(name):
            sources = kinds[1:] if len(operands) == 3 and name not in ("shld", "shrd") else kinds
            kind = mixed(sources + ([state["carry"]] if name in WITH_CARRY else []))
            if name == "adox":
                kind = mixed([kind, state["flags"]])
            self.write(state, operands[0], kind)
            if name not in ("inc", "dec", "adox"):
                state["carry"] = kind
            if name != "adcx":
                state["flags"] = kind
        elif VECTOR_FLAGS.fullmatch(name):
            state.update(carry=mixed(kinds), flags=mixed(kinds))
        elif any(map(wide, operands)) and name != "xchg":
            self.vector(state, instruction, kinds)
        elif JUMP.fullmatch(name) or name in ("jmp", "push", "nop", "ret") or name == "xchg" and operands[0] == operands[1]:
            pass
        else:
            # All others: their results are secret.
            for operand in operands[:2] if name == "xchg" else operands[:1]:
                self.write(state, operand, SECRET)
            if not IGNORED.fullmatch(name):
                state.update(carry=SECRET, flags=SECRET)
        return state

    def vector(self, state, instruction, kinds):
        """A vector instruction, or one of mask registers: its result is public if all that it reads is."""
        name, operands = instruction.name, instruction.operands
        reads_destination = (READ_DESTINATION.fullmatch(name) or GATHER.fullmatch(name) or not name.startswith(("v", "k", "mov"))
                             or re.match(r"mov([hl]|s[sd])", name)
                             or "{k" in operands[0] and "{z}" not in operands[0])
        same = len(operands) > 2 and operands[1] == operands[2] and re.match(r"vpxor|vxorp|vpcmpeq|kxn?or|vpsub", name)
        # All bits set or clear, whatever the operands are. Any other table of truth may keep one of them.
        same = same or name.startswith("vpternlog") and operands[-1] in ("0x0", "0xff")
        sources = kinds if reads_destination else kinds[1:]
        if not name.startswith(("v", "k")):
            # The upper part of a wide register stays as it was.
            sources = sources + [state.get(wide(operands[0]), SECRET)] if wide(operands[0]) else sources
        kind = "constant" if same and "{" not in operands[0] else mixed(sources + [state.get(mask, SECRET) for mask in masks(instruction)])
        self.write(state, operands[0], kind)
        if GATHER.fullmatch(name):
            # It clears its mask.
            for mask in masks(instruction) or [wide(operands[-1])]:
                state[mask] = "constant"

    @staticmethod
    def jump_table(state, operand):
        """Returns the address of the program's table if the operand is its entry at a public index, or None."""
        match = re.fullmatch(r"DWORD PTR \[(\w+)\+(\w+)\*4\]", operand)
        base, index = (state.get(REGISTERS.get(name), SECRET) for name in match.groups()) if match else (SECRET, SECRET)
        return base.split()[1] if base.startswith("program ") and index != SECRET else None

    def listed(self, state, instruction):
        """Returns the targets of a jump through a table. The table ends at an entry that leads out of the function."""
        kind, *table = self.value(state, instruction.operands[0]).split()
        targets = []
        if kind == "target":
            begin = int(table[0], 16)
            while (target := begin + self.image.distance(begin + 4 * len(targets))) in self.index:
                targets.append(target)
        return targets

    @staticmethod
    def condition(state, suffix):
        parts = ["carry"] if suffix in CARRY else ["carry", "flags"] if suffix in CARRY_AND_ZERO else ["flags"]
        return mixed([state[part] for part in parts])

    def setter(self, i):
        """Returns the text of the last instruction before this one, in code order, that sets the flags."""
        for instruction in reversed(self.body[:i]):
            if COMPARE.fullmatch(instruction.name) or ARITHMETIC.fullmatch(instruction.name) or VECTOR_FLAGS.fullmatch(instruction.name):
                return instruction.text
        return "?"

    def findings(self):
        """Yields (is it wrong, instruction, explanation) for everything whose time can depend on data."""
        self.run()
        for i, instruction in enumerate(self.body):
            state = self.states.get(i)
            if state is None:
                if not self.is_beside_the_way(i):
                    yield True, instruction, "no way that is known leads to it"
                continue
            name = instruction.name
            operands = instruction.operands
            if GATHER.fullmatch(name):
                # Its time depends on its addresses and its mask alone.
                inside = next(operand for operand in operands if is_memory(operand))
                read = [f"v{n}" for n in VECTOR.findall(inside)] + (masks(instruction) or [wide(operands[-1])])
                if any(state.get(register, SECRET) == SECRET for register in read):
                    yield True, instruction, "its addresses or its mask are not public"
            elif not operands and not instruction.target and not WITHOUT_OPERANDS.fullmatch(name):
                yield True, instruction, "it is not known what it does"
            elif FORBIDDEN.fullmatch(name):
                yield True, instruction, "takes a time that depends on its operands"
            elif any(map(is_memory, operands)) and (
                    MASKED.fullmatch(name) or any(state.get(mask, SECRET) == SECRET for mask in masks(instruction))):
                yield True, instruction, "a mask that is not public decides which memory it touches"
            if JUMP.fullmatch(name):
                kind = SECRET if name.startswith("loop") or name.endswith("cxz") else self.condition(state, name[1:])
                way = "back to" if (instruction.target or 0) <= instruction.address else "on to"
                yield kind == SECRET, instruction, f"{way} {instruction.target or 0:x} after `{self.setter(i)}`: {kind}"
            if name in ("jmp", "call") and instruction.target is None:
                if self.value(state, instruction.operands[0]) == SECRET:
                    yield True, instruction, "its target is not a constant"
                elif name == "jmp" and "rip" not in instruction.operands[0] and not self.listed(state, instruction):
                    yield True, instruction, "it is not known where it leads"
            for operand in instruction.operands if not name.startswith("nop") else []:
                if name != "lea" and is_memory(operand) and any(state.get(r, SECRET) == SECRET for r in address_registers(operand)):
                    yield True, instruction, "its address is not public"


    def is_beside_the_way(self, i):
        """Returns whether an unreached instruction is padding, or in a block that ends with a panic or continues one."""
        for instruction in self.body[i:]:
            # `xchg ax,ax` is a `nop` of two bytes.
            if instruction.name in ("int3", "ud2", "data16") or instruction.name.startswith("nop") or instruction.text.split() == ["xchg", "ax,ax"]:
                return True
            if instruction.name == "call" and re.search(r"_Unwind_Resume|core::panicking", instruction.text):
                return True
            if instruction.name in ("ret", "jmp") and instruction.target not in self.index:
                return False
        return False


def mixed(kinds):
    """Returns the kind of a result of several values: secret if one of them is."""
    return SECRET if SECRET in kinds else "counter or length"


def joined(one, other):
    """Returns the state that holds on both of two paths to an instruction."""
    def kind(state, key):
        # A lowest byte that has no kind of its own has its register's.
        return state.get(key, state.get(key.removesuffix(" low"), SECRET) if isinstance(key, str) else SECRET)

    merged = {}
    for key in one.keys() | other.keys():
        a, b = kind(one, key), kind(other, key)
        merged[key] = a if a == b else mixed([a, b])
    return merged


def backends(program):
    listed = subprocess.run([program, "--list"], check=True, capture_output=True, text=True).stdout
    return [line.split()[1] for line in listed.splitlines() if line.startswith("backend ")]


def main():
    program = sys.argv[1]
    image = Image(program)
    seen, passed, failed = [], 0, []
    for name, body in listed(program):
        if NO_SECRETS.search(name):
            print(f"\n{name}: sees no secret")
            continue
        seen.append(name)
        found = list(Function(name, body, image).findings())
        told = next((told for pattern, _, told in PUBLIC if re.search(pattern, name)), "none")
        print(f"\n{name}: {len(body)} instructions; public arguments: {told}")
        for wrong, instruction, explanation in found:
            text = re.sub(r"\s+", " ", re.sub(r"<.*>", "", instruction.text))
            print(f"  {'WRONG ' if wrong else ''}{instruction.address:x}: {text} {explanation}")
        if any(wrong for wrong, _, _ in found):
            failed.append(name)
        else:
            passed += 1
    if unknown := set(backends(program)) - set(BACKENDS):
        failed.append(f"it is not known where the code of {unknown} is")
    for backend, path in BACKENDS.items():
        for operation in ("mul(tiply)?", "square"):
            # `montgomery` is both for `fma`, where the compiler puts it into neither.
            if not any(re.search(rf"backend::{path}::(.*\b{operation}|montgomery)$", name) for name in seen):
                failed.append(f"{backend} has no function {operation} of its own in this program")
    for operation in ("pow", "pow_g"):
        # With link-time optimisation the choice of the backend contains all of them.
        own = sum(name.endswith(f"group::pow::{operation}") for name in seen)
        inlined = own == 0 and any(name.endswith(f"Backend::{operation}") for name in seen)
        if not inlined and own < len(BACKENDS):
            failed.append(f"there are not as many functions {operation} as backends")
    print()
    for failure in failed:
        print(f"FAILED: {failure}")
    print(f"{passed} passed, {len(failed)} failed")
    sys.exit(bool(failed))


main()
