#!/usr/bin/env bash
# Makes stix-two-math.woff2 of the whole font, as @fontsource/stix-two-math has it: the signs that formulas here use, with the
# table that says how roots and brackets grow. Needs fonttools and brotli of Python.
# usage: subset.sh path/to/stix-two-math-latin-400-normal.woff2
set -euo pipefail
signs="U+20-7E,U+A0,U+AC,U+B1,U+B4,U+B7,U+D7,U+F7,U+2C6,U+2C7,U+2DC,U+302,U+303,U+307,U+391-3A9,U+3B1-3C9,U+3D1,U+3D5,U+3F1,U+3F5,U+2016,U+2026,U+2032-2034,U+2061-2063,U+210E,U+2190-2192,U+2202,U+2207,U+2208,U+2211,U+2212,U+2215,U+2218,U+221A,U+221E,U+2225,U+2248,U+2260,U+2264,U+2265,U+22A4,U+22C5,U+22EF,U+1D434-1D467,U+1D6E4-1D71B,U+1D400-1D433,U+1D7CE-1D7D7"
pyftsubset "$1" --unicodes="$signs" --layout-features=ssty --flavor=woff2 --output-file="$(dirname "$0")/stix-two-math.woff2"
