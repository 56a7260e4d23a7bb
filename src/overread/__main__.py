"""The command `overread`."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "overread.settings")
    import django

    django.setup()
    from overread.cli.commands import app

    sys.exit(app())


if __name__ == "__main__":
    main()
