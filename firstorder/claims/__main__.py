"""`python -m firstorder.claims [ROOT]`: prove every claim and compare every page with what was proved."""

import sys
import time
from collections import Counter
from pathlib import Path

from . import EQUATIONS, Claim, check_pages, prove


def main(root="."):
    """Print a line for each failure and a summary; return the exit status."""
    if not (Path(root) / "notebooks").is_dir():
        print(f"{root} holds no folder `notebooks`; run this at the top of the course's folder")
        return 2
    start, failures = time.perf_counter(), []
    claims = [equation for equation in EQUATIONS.values() if isinstance(equation, Claim)]
    for claim in claims:
        try:
            prove(claim.label)
        except Exception as error:  # any failure of a proof is reported and counted
            failures.append(f"{claim.label} is not proved: {type(error).__name__}: {error}")
    failures += check_pages(root)
    for failure in failures:
        print(failure)
    kinds = Counter(claim.kind for claim in claims)
    print(
        f"{len(claims)} claims ({', '.join(f'{n} {kind}' for kind, n in kinds.items())}) and "
        f"{len(EQUATIONS) - len(claims)} definitions in {time.perf_counter() - start:.1f} s: "
        + (f"{len(failures)} failures" if failures else "all proved, and all pages say the same")
    )
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
