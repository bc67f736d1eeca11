#!/usr/bin/env bash
# Builds everything and runs all tests, on a laptop and in CI alike. Its last line says how many passed and failed.
# Arguments go to the test runner: ./test.sh -class '*PostgresServer*'
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
# No build process stays behind to hold this script's output open.
export MSBUILDDISABLENODEREUSE=1 UseSharedCompilation=false

mkdir -p artifacts/log
results=artifacts/test-results
rm -rf "$results"

# fail LOG MESSAGE
fail() {
    tail -n 40 "$1" >&2
    echo "$2; all of it is in $1" >&2
    exit 1
}

. Portal.Sandbox/Servers/debian.sh
need '/usr/lib/postgresql/*/bin/initdb' postgresql
need /usr/sbin/mariadbd mariadb-server-core mariadb-client-core
need /usr/sbin/sshd openssh-server openssh-client
need /usr/bin/curl curl
need /usr/bin/wget wget
need /usr/bin/chromium chromium
need '/usr/share/fonts/truetype/*' fonts-dejavu-core
install_missing artifacts/log/apt.log || exit 1

echo "Building"
dotnet build Portal.sln -v quiet </dev/null >artifacts/log/build.log 2>&1 || fail artifacts/log/build.log "The build failed"
dotnet publish Portal -c Release -v quiet </dev/null >artifacts/log/publish.log 2>&1 || fail artifacts/log/publish.log "The publish failed"

echo "Testing"
log=artifacts/log/test.log
mkdir -p "$results"
PORTAL_UNDER_TEST=$PWD/artifacts/publish/Portal/release timeout --kill-after=60 60m \
    dotnet artifacts/bin/Portal.Tests/debug/Portal.Tests.dll -noColor -result-ctrf "$results/tests.ctrf.json" "$@" \
    </dev/null >"$log" 2>&1
status=$?

# count NAME: what the reports' summaries say, added up.
count() {
    find "$results" -name '*.ctrf' -o -name '*.ctrf.json' 2>/dev/null | xargs -r grep -ohE "\"$1\": *[0-9]+" | grep -oE '[0-9]+$' | awk '{ sum += $1 } END { print sum + 0 }'
}
passed=$(count passed) failed=$(count failed) skipped=$(count skipped)

if [ "$status" -ne 0 ]; then
    grep -vE '^\s*$' "$log" | tail -n 200 >&2
    echo "The test runner ended with code $status; all it said is in $log" >&2
elif [ "$passed" -eq 0 ]; then
    echo "No test ran; what the runner said is in $log" >&2
    status=1
fi
if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ] && [ "$passed" -ne 0 ]; then
    echo "No single test failed, so the run itself did" >&2
    failed=1
fi
echo "$passed passed, $failed failed$([ "$skipped" -eq 0 ] || echo ", $skipped skipped")"
exit "$status"
