"""Types into jupyter console through a terminal. Run by console.test.ts; each step waits for what must be shown."""

import re
import sys

import pexpect

UP, DOWN, CTRL_D = "\x1b[A", "\x1b[B", "\x04"


class Console:
    def __init__(self):
        # The environment is the test's: where the kernel is found, and a terminal that answers no questions.
        self.process = pexpect.spawn(
            sys.executable,
            ["-m", "jupyter_console", "--kernel", "veelab"],
            encoding="utf8",
            dimensions=(40, 120),
            timeout=100,
        )

    def shows(self, *texts):
        """Waits until the texts have been shown one after the other, whatever their colours."""
        for text in texts:
            colours = r"(?:\x1b\[[0-9;?]*[A-Za-z])*"
            self.process.expect(colours.join(re.escape(character) for character in text))
        print("shown:", *texts, flush=True)

    def prompt(self, number):
        self.shows(f"In [{number}]: ")

    def types(self, text):
        self.process.send(text)

    def enter(self, text=""):
        """Types and presses Enter once what was typed is shown: until then a key is part of a paste."""
        if text:
            self.process.send(text)
            self.shows(text)
        self.process.send("\r")

    def leaves(self):
        self.types(CTRL_D)
        self.shows("Do you really want to exit")
        self.process.send("y\r")
        self.process.expect(pexpect.EOF)
        self.process.close()
        assert self.process.exitstatus == 0, self.process.exitstatus


def first():
    console = Console()
    console.prompt(1)
    console.enter("6 * 7")
    console.shows("Out[1]: ", "42")
    console.prompt(2)
    console.enter("throw new RangeError('typed')")
    console.shows("RangeError", "typed", "cell [2]:1")
    console.prompt(3)
    console.enter("const who = await input('your name? ')")
    console.shows("your name? ")
    console.process.send("Ada\r")
    console.prompt(4)
    console.enter("who")
    console.shows("Out[4]: ", "'Ada'")
    console.prompt(5)
    # Not complete: the next line is asked for.
    console.enter("for (const n of [1, 2]) {")
    console.shows("...: ")
    console.enter("console.log(`n is ${n}`) }")
    console.shows("n is 1", "n is 2")
    console.prompt(6)
    console.enter("parseInt?")
    console.shows("function parseInt(", "Converts a string")
    console.prompt(7)
    console.types(UP)
    console.shows("parseInt?")
    # The cell of two lines takes two keys.
    console.types(UP + UP + UP + UP)
    console.shows("your name? ")
    console.types(DOWN)
    console.shows("who")
    console.enter()
    console.shows("Out[7]: ", "'Ada'")
    console.prompt(8)
    console.enter("'last of the first session'")
    console.shows("Out[8]: ")
    console.prompt(9)
    console.leaves()


def second():
    console = Console()
    console.prompt(1)
    console.types(UP)
    console.shows("'last of the first session'")
    console.enter()
    console.shows("Out[1]: ", "'last of the first session'")
    console.prompt(2)
    console.leaves()


if __name__ == "__main__":
    first()
    second()
