"""Reads files of data in bounded memory: files in, batches of rows and a Survey of them out."""
