#!/usr/bin/env bash
# The portal and everything around it, on this machine alone. ./sandbox.sh --help lists its options.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1

mkdir -p artifacts/log
log=artifacts/log/sandbox-build.log

if ! command -v dotnet >/dev/null; then
    echo "The .NET 10 SDK is missing: https://dotnet.microsoft.com/download" >&2
    exit 1
fi

# `vault` and `kubernetes` alone need neither packages nor the portal.
build=(dotnet build Portal.Sandbox -c Release -v quiet)
case ${1-} in
vault | kubernetes) ;;
*)
    . Portal.Sandbox/Servers/debian.sh
    need '/usr/lib/postgresql/*/bin/initdb' postgresql
    need /usr/sbin/mariadbd mariadb-server-core mariadb-client-core
    need /usr/sbin/sshd openssh-server openssh-client
    need /usr/bin/curl curl
    install_missing artifacts/log/apt.log || echo "Going on without."
    publish=(dotnet publish Portal -c Release -v quiet)
    ;;
esac

[ -e artifacts/bin/Portal.Sandbox/release ] || echo "Building, which takes a minute the first time"
if ! { "${publish[@]-true}" && "${build[@]}"; } </dev/null >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "The build failed; all of it is in $log" >&2
    exit 1
fi

exec dotnet artifacts/bin/Portal.Sandbox/release/Portal.Sandbox.dll "$@"
