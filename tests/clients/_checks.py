"""What the conformance scripts share: the demo kassa, and checks that say what they looked at."""

import sys

# The demo kassa of sandbox mode, with the account fields order_id and loan_id.
KASSA = "5e730e8e0b852a417aa49ceb"
KEY = "mjES8ycLucnvygt4dPwerK2vj45Eensn3ZPr"

# Cards that the provider publishes for its own sandbox; all with the same expiry and code.
CARD = "8600069195406311"
CARD_WITHOUT_SMS = "8600060921090842"
CARD_EXPIRED = "3333336415804657"
CARD_BLOCKED = "4444445987459073"
EXPIRE = "0399"
CODE = "666666"


class Checks:
    """Counts what was looked at; `end` gives the exit code."""

    def __init__(self):
        self.good = 0
        self.bad = 0

    def that(self, condition, what, detail=""):
        """Records one check and prints it."""
        if condition:
            self.good += 1
            print(f"  ok    {what}")
        else:
            self.bad += 1
            print(f"  WRONG {what}: {detail}")

    def equal(self, got, want, what):
        """Records that two values are equal and of one type."""
        self.that(got == want and type(got) is type(want), what, f"got {got!r}, want {want!r}")

    def raises(self, error, code, what, call):
        """Records that a call raises exactly that class, with that code where one is given."""
        try:
            answer = call()
        # One error class of payme-pkg derives from BaseException itself.
        except BaseException as caught:  # pylint: disable=broad-except
            if isinstance(caught, (KeyboardInterrupt, SystemExit)):
                raise
            right = type(caught) is error and code in (None, getattr(caught, "code", None))
            self.that(right, what, f"got {caught!r} with code {getattr(caught, 'code', None)}")
        else:
            self.that(False, what, f"no error but {answer!r}")

    def end(self, name):
        """Prints the sum; 0 when everything was right."""
        print(f"{name}: {self.good} right, {self.bad} wrong")
        return 1 if self.bad or not self.good else 0


def base_url():
    """The base URL from the command line."""
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} http://127.0.0.1:8080")
    return sys.argv[1].rstrip("/")
