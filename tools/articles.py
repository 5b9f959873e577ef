"""Check the package's articles in full; write down their hashes, and the schema of the format."""

import hashlib
import json

from costcheck.claims.loading import load, schema_file
from costcheck.data.files import write
from costcheck.data.tables import home
from tools.schema import schema

FOLDER = home("data") / "articles"

if __name__ == "__main__":
    (FOLDER / "checked.json").unlink(missing_ok=True)
    paths = sorted(FOLDER.glob("*.yaml"), reverse=True)
    load(paths)
    hashes = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}
    write(FOLDER / "checked.json", (json.dumps(hashes, indent=1) + "\n").encode())
    write(schema_file(), (json.dumps(schema(), ensure_ascii=False, indent=1) + "\n").encode())
