"""What the documentation site (`make docs`) has besides the pages in docs/: made of the program."""
