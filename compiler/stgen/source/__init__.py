"""The only room that opens specs and knows positions in them: bytes in, Source out."""
