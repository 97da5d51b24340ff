"""Reading the files that open data comes in, one module for each publisher's shape."""
