"""`python -m chunfeng …` is the same as `./chunfeng …`."""

import sys

from chunfeng.site.cli import main

if __name__ == "__main__":
    sys.exit(main())
