"""The site: report, notebooks, calculator and check as static files, with Python in the reader's browser."""
