"""Write down the schema of an article's file."""

import json

from costcheck.claims.loading import schema_file
from costcheck.data.files import write
from tools.schema import schema

if __name__ == "__main__":
    write(schema_file(), (json.dumps(schema(), ensure_ascii=False, indent=1) + "\n").encode())
