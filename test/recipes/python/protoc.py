"""Runs protoc in a folder, as `python -m grpc_tools.protoc` does: arguments: the folder, the file."""

import sys
from pathlib import Path

import grpc_tools
from grpc_tools import protoc

folder, file = sys.argv[1:]
googles = Path(grpc_tools.__file__).parent / "_proto"
sys.exit(
    protoc.main(["protoc", f"-I{folder}", f"-I{googles}", f"--python_out={folder}", file])
)
