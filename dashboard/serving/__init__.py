"""What the web server does around the pages: what it lets in, what it answers, and its headers."""
