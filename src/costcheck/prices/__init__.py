"""Quotes, price books and public price feeds."""
