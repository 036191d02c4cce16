"""The functions of the group in a program, as objdump lists them."""

import re
import subprocess


def functions(objdump, options, program, instruction):
    """Yields the name of each function and its instructions, which `instruction` reads from an address and a text."""
    command = [objdump, "--disassemble", "--demangle", "--no-show-raw-insn", "--wide", *options, program]
    listing = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    name, body = None, []
    for line in [*listing.splitlines(), "0 <end>:"]:
        if head := re.fullmatch(r"[0-9a-f]+ <(.*)>:", line):
            if name and "cognito_srp6a::group::" in name and not name.startswith("core::ptr::drop_in_place"):
                yield name, body
            name, body = head[1], []
        elif part := re.match(r" *([0-9a-f]+):\t(.*)", line):
            body.append(instruction(int(part[1], 16), part[2].strip()))
