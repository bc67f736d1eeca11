#!/usr/bin/env bash
# Measures the portal's speed as ratios of two sides in one run, and prints them as one table. A part: ./benchmarks/run.sh me
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
export MSBUILDDISABLENODEREUSE=1 UseSharedCompilation=false

mkdir -p artifacts/log
log=artifacts/log/benchmarks-build.log

. Portal.Sandbox/Servers/debian.sh
need '/usr/lib/postgresql/*/bin/initdb' postgresql
need /usr/bin/wrk wrk
install_missing artifacts/log/apt.log

if ! { dotnet publish Portal -c Release -v quiet && dotnet publish benchmarks -c Release -v quiet; } </dev/null >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "The build failed; all of it is in $log" >&2
    exit 1
fi

exec dotnet artifacts/publish/Portal.Benchmarks/release/Portal.Benchmarks.dll run "$@"
