"""Checks Kubernetes' manifests, a JSON array on standard input, by the schemas of a version.

Prints the kinds that were checked, as JSON. Kinds that are not Kubernetes' own have no schema.
"""

import json
import sys

import kubernetes_validate

version = sys.argv[1]
checked = []
for manifest in json.load(sys.stdin):
    try:
        kubernetes_validate.validate(manifest, version, strict=True)
        checked.append(manifest["kind"])
    except kubernetes_validate.SchemaNotFoundError:
        pass
json.dump(checked, sys.stdout)
