"""What people and other programs get to see: tables, files, documents of other shapes."""
