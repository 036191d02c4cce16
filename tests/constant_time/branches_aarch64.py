#!/usr/bin/env python3
"""Reads the machine code of the group's functions in a program for AArch64, as `branches.py` does for x86-64.

    branches_aarch64.py PROGRAM              a program with the group, such as `count` of `tests/targets`
    branches_aarch64.py PROGRAM --planted    plants leaks into each function as it is read, and ends with 1 if one is not found

The rules are those of `branches.py`: constants, addresses, the arguments that `PUBLIC` names and what is computed from these
alone are public, and everything else is secret. It fails if a branch, an address or the target of a call is not public, or if
the code has a division. It reads `portable`, `digits28` and the powers over them. `README.md` says what this proves.
"""

import collections
import re
import sys

from listing import functions

# The public arguments of each function: pointers and lengths. Register 8 points to a result that is returned by value.
EXPONENT_BITS = {392}
PUBLIC = [
    (r"group::pow::pow::<.*>$", {"x0": set(), "x1": EXPONENT_BITS}, "base, exponent"),
    (r"group::pow::pow_g::<.*>$", {"x0": EXPONENT_BITS}, "exponent"),
    (r"portable::scan$", {"x0": set(), "x1": set()}, "table, length; the index is secret"),
    (r"Arithmetic>::select_plain$", {"x0": set(), "x1": set(), "x2": set()}, "out, table, length; the index is secret"),
    (r"(::multiply|Arithmetic>::(mul|square|leave)|limbs::to_be_bytes)$", {"x0": set(), "x1": set()}, "operands"),
    (r"(Arithmetic>::wipe|Drop>::drop)$", {"x0": set()}, "the value to wipe"),
]
# They choose a backend, repeat an operation for the clock, or draw a number for it.
NO_SECRETS = re.compile(r"mul_repeatedly$|square_repeatedly$|::from_iter$|Exponent>::below$")
NEEDED = [r"portable::Portable as .*::mul", r"portable::Portable as .*::square", r"digits28::multiply", r"Digits28 as .*::square",
          r"pow::pow::<.*Portable>", r"pow::pow::<.*Digits28>", r"pow::pow_g::<.*Portable>", r"pow::pow_g::<.*Digits28>"]

SECRET, KNOWN, CONSTANT = "secret", "public", "constant"
LOADS = re.compile(r"ldu?r(s?[bhw])?|ldn?p(sw)?")
STORES = re.compile(r"stu?r[bh]?|stn?p")
COMPARES = re.compile(r"cmp|cmn|tst")
WITH_FLAGS = re.compile(r"adcs?|sbcs?|ngcs?|csel|csinc|csinv|csneg|cset|csetm|cinc|cinv|cneg")
# They keep a part of the register that they write.
KEEP = re.compile(r"movk|bfi|bfxil|bsl|bit|bif|umlal2?|smlal2?|ml[as]|ins")
COMPUTES = re.compile(r"mov[izn]?|mvni?|mvn|add|sub|and|orr|orn|eor|eon|bic|neg|lsl|lsr|asr|ror|extr|mul|umulh|u?madd|madd|msub|mneg|"
                      r"umaddl|umull2?|umsubl|ubfx|ubfiz|sbfx|uxt[bhw]|sxt[bhw]|clz|rev\w*|rbit|dup|ext|u?shl|ushr|sshr|zip[12]|"
                      r"uzp[12]|trn[12]|xtn2?|fmov|umov|cmeq|cmhi|addp|[us]shll2?|adc|sbc|adds|subs|ands|bics|negs|adcs|sbcs|ngcs?")
FORBIDDEN = re.compile(r"[us]div|fdiv|fsqrt|tbl|tbx")
NEUTRAL = re.compile(r"nop|hint|bti|paciasp|autiasp|ret|b|bl")
CLOBBERED = [f"x{n}" for n in range(19)] + ["x30", "flags"] + [f"v{n}" for n in range(32)]

Instruction = collections.namedtuple("Instruction", "address name operands target text")


def listed(program):
    return functions("aarch64-linux-gnu-objdump", [], program, instruction)


def instruction(address, text):
    code = re.sub(r"\s*//.*$", "", text)
    name, _, rest = code.partition("\t")
    place = re.search(r"\b([0-9a-f]+) <", rest)
    operands = [operand.strip() for operand in re.split(r",(?![^\[{]*[\]}])", re.sub(r" <.*", "", rest)) if operand.strip()]
    is_jump = name in ("b", "bl", "cbz", "cbnz", "tbz", "tbnz") or name.startswith("b.")
    return Instruction(address, name.strip(), operands, int(place[1], 16) if place and is_jump else None, text)


def register(operand):
    """The register of an operand in the state, or None."""
    if operand in ("sp", "wsp"):
        return "sp"
    match = re.match(r"([wxbhsdqv])(zr|\d+)\b", operand)
    return match and (("x" if match[1] in "wx" else "v") + match[2])


def address(operand):
    """The registers of an address, and its offset if the base alone has one."""
    inside = re.match(r"\[([^\]]*)\]", operand)[1]
    parts = [part.strip() for part in inside.split(",")]
    offset = int(parts[1].lstrip("#"), 0) if len(parts) > 1 and parts[1].startswith("#") else 0
    return [register(part) for part in parts if register(part)], offset


class Function:
    """Tracks the public values through one function, until nothing changes."""

    def __init__(self, name, body):
        self.body = body
        self.index = {one.address: i for i, one in enumerate(body)}
        self.arguments = next((arguments for pattern, arguments, _ in PUBLIC if re.search(pattern, name)), {})
        # Arrays begin at the lowest slot whose address is taken. A constant that is stored there may be a first value of theirs.
        taken = [one for one in body if one.name in ("add", "mov") and one.operands[1] == "sp" and one.operands[0] not in ("sp", "x29")]
        self.arrays = min((int(one.operands[2].lstrip("#"), 0) if one.name == "add" else 0 for one in taken), default=1 << 30)
        self.states = {}

    def run(self):
        state = {"sp": KNOWN, "xzr": CONSTANT, "x8": KNOWN} | {argument: f"argument {argument}" for argument in self.arguments}
        waiting = [(0, state)]
        while waiting:
            i, state = waiting.pop()
            while i < len(self.body):
                known = self.states.get(i)
                if known is not None:
                    state = joined(known, state)
                    if state == known:
                        break
                self.states[i] = dict(state)
                one = self.body[i]
                self.step(state, one)
                if one.target in self.index and one.name != "bl":
                    waiting.append((self.index[one.target], dict(state)))
                if one.name in ("b", "ret", "br", "udf"):
                    break
                i += 1

    @staticmethod
    def value(state, operand):
        if operand.startswith("#"):
            return CONSTANT
        if re.fullmatch(r"(lsl|lsr|asr|ror|[us]xt[bhwx]) ?(#\d+)?", operand):
            return KNOWN
        name = register(operand)
        return state.get(name, SECRET) if name else KNOWN if re.fullmatch(r"[a-z]{2}", operand) else SECRET

    @staticmethod
    def write(state, operand, kind):
        name = register(operand)
        if name and name != "xzr":
            state[name] = kind
            if kind == SECRET:
                del state[name]

    def step(self, state, one):
        name, operands = one.name, one.operands
        if name in ("bl", "blr"):
            for clobbered in CLOBBERED:
                state.pop(clobbered, None)
        elif LOADS.fullmatch(name) or STORES.fullmatch(name):
            self.transfer(state, one)
        elif name in ("adr", "adrp"):
            self.write(state, operands[0], KNOWN)
        elif COMPARES.fullmatch(name) or name in ("ccmp", "ccmn"):
            kinds = [self.value(state, operand) for operand in operands] + ([state.get("flags", SECRET)] if name[:2] == "cc" else [])
            state["flags"] = mixed(kinds)
        elif COMPUTES.fullmatch(name) or WITH_FLAGS.fullmatch(name) or KEEP.fullmatch(name):
            sources = operands if KEEP.fullmatch(name) or re.search(r"\[\d+\]$", operands[0]) else operands[1:]
            kinds = [self.value(state, operand) for operand in sources]
            if WITH_FLAGS.fullmatch(name):
                kinds.append(state.get("flags", SECRET))
            same = name in ("eor", "sub") and operands[1] == operands[2]
            kind = KNOWN if same else mixed(kinds)
            # A move keeps what a pointer or a constant is.
            self.write(state, operands[0], kinds[0] if re.fullmatch("mov[in]?|dup", name) and len(kinds) == 1 else kind)
            if re.fullmatch(r"(add|sub|and|bic|neg|adc|sbc|ngc)s", name):
                state["flags"] = kind
            if register(operands[0]) == "sp":
                # Slots are counted from the stack pointer.
                for key in [key for key in state if isinstance(key, int)]:
                    del state[key]
        elif name.startswith("b.") or name in ("cbz", "cbnz", "tbz", "tbnz", "br") or NEUTRAL.fullmatch(name):
            pass
        else:
            for operand in operands[:1]:
                self.write(state, operand, SECRET)
            state.pop("flags", None)

    def transfer(self, state, one):
        """A load or a store. A slot of the stack keeps what one register has stored in it."""
        at = next(i for i, operand in enumerate(one.operands) if operand.startswith("["))
        registers, (parts, offset) = one.operands[:at], address(one.operands[at])
        size = {"b": 1, "h": 2, "w": 4, "s": 4, "x": 8, "d": 8, "q": 16}[one.operands[0][0]]
        moves = one.operands[at].endswith("!") or len(one.operands) > at + 1
        is_slot = parts == ["sp"] and not moves
        for i, operand in enumerate(registers):
            begin = offset + i * size
            if STORES.fullmatch(one.name):
                if parts == ["sp"]:
                    for key in [key for key in state if isinstance(key, int) and key < begin + size and begin < key + state["size", key]]:
                        del state[key]
                kind = self.value(state, operand)
                if is_slot and size >= 8 and kind != SECRET and (begin + size <= self.arrays or kind != CONSTANT):
                    state[begin], state["size", begin] = kind, size
            elif is_slot and begin in state and state["size", begin] == size:
                self.write(state, operand, state.get(begin, SECRET))
            else:
                self.write(state, operand, self.field(state, parts, begin))
        if moves and parts == ["sp"]:
            for key in [key for key in state if isinstance(key, int)]:
                del state[key]

    def field(self, state, parts, offset):
        kind = state.get(parts[0], SECRET)
        argument = kind.removeprefix("argument ")
        return KNOWN if kind != argument and len(parts) == 1 and offset in self.arguments[argument] else SECRET

    def findings(self):
        """Yields (is it wrong, instruction, explanation) for everything whose time can depend on data."""
        self.run()
        for i, one in enumerate(self.body):
            state = self.states.get(i)
            if state is None:
                if not self.leads_to_a_panic(i):
                    yield True, one, "no way that is known leads to it"
                continue
            name, operands = one.name, one.operands
            if FORBIDDEN.fullmatch(name):
                yield True, one, "takes a time that may depend on its operands"
            elif name.startswith("b."):
                yield state.get("flags", SECRET) == SECRET, one, "by the flags"
            elif name in ("cbz", "cbnz", "tbz", "tbnz"):
                yield self.value(state, operands[0]) == SECRET, one, "by a register"
            elif name in ("blr", "br"):
                yield self.value(state, operands[0]) == SECRET, one, "its target"
            for operand in operands:
                if operand.startswith("[") and any(state.get(part, SECRET) == SECRET for part in address(operand)[0]):
                    yield True, one, "its address is not public"

    def leads_to_a_panic(self, i):
        for one in self.body[i:]:
            if one.name in ("udf", "brk", "nop", ".word") or one.name == "bl" and re.search(r"core::panicking|_Unwind_Resume", one.text):
                return True
            if one.name in ("ret", "b") and one.target not in self.index:
                return False
        return False


def joined(one, other):
    """Returns the state that holds on both of two paths to an instruction. What is not in a state is secret."""
    both = {key: kind if other[key] == kind else KNOWN for key, kind in one.items() if key in other}
    # A slot is one only if both paths have stored as much.
    return {key: kind for key, kind in both.items() if not isinstance(key, int) or one["size", key] == other["size", key]}


def mixed(kinds):
    return SECRET if SECRET in kinds else KNOWN


def planted(name, body):
    """Plants leaks of a digit behind loads of digits, and returns how many of them are found, and how many there are."""
    function = Function(name, body)
    function.run()
    places = []
    for i, one in enumerate(body[:-1]):
        if re.fullmatch(r"ldu?r", one.name) and one.operands[0][0] == "x" and i + 1 in function.states:
            if function.states[i + 1].get(register(one.operands[0]), SECRET) == SECRET:
                places.append((i, one.operands[0]))
    found = count = 0
    for i, digit in places[:5]:
        leaks = [("cbz", [digit], body[0].address), ("tbnz", [digit, "#3"], body[0].address), ("ldr", ["x17", f"[{digit}]"], None),
                 ("ldr", ["x17", "[sp, " + digit + "]"], None), ("udiv", ["x17", digit, digit], None), ("br", [digit], None)]
        for leak, operands, target in leaks:
            worse = list(body)
            # In place of the instruction behind the load, so that all addresses stay.
            worse[i + 1] = Instruction(body[i + 1].address, leak, operands, target, "planted")
            count += 1
            found += any(wrong and one.text == "planted" for wrong, one, _ in Function(name, worse).findings())
    return found, count


def main():
    program, *options = sys.argv[1:]
    passed, failed, leaks, seen = 0, [], [0, 0], []
    for name, body in listed(program):
        if NO_SECRETS.search(name):
            print(f"\n{name}: sees no secret")
            continue
        seen.append(name)
        if options == ["--planted"]:
            found, count = planted(name, body)
            leaks = [leaks[0] + found, leaks[1] + count]
            print(f"{name}: {found} of {count} planted leaks are found")
            continue
        results = list(Function(name, body).findings())
        told = next((told for pattern, _, told in PUBLIC if re.search(pattern, name)), "none")
        print(f"\n{name}: {len(body)} instructions; public arguments: {told}")
        for wrong, one, explanation in results:
            text = re.sub(r"\s+", " ", re.sub(r" <.*", "", one.text))
            print(f"  {'WRONG ' if wrong else ''}{one.address:x}: {text} {explanation}")
        wrong = any(wrong for wrong, _, _ in results)
        passed += not wrong
        failed += [name] * wrong
    failed += [f"there is no function {needed}" for needed in NEEDED if not any(re.search(needed, name) for name in seen)]
    for failure in failed:
        print(f"FAILED: {failure}")
    if options == ["--planted"]:
        print(f"{leaks[0]} of {leaks[1]} planted leaks are found")
        sys.exit(bool(failed) or leaks[1] == 0 or leaks[0] != leaks[1])
    print(f"\n{passed} passed, {len(failed)} failed")
    sys.exit(bool(failed))


main()
