# Sourced by sandbox.sh and test.sh: what they need from Debian's packages.

missing=()

# need PATH PACKAGE...: the packages are missing unless something lies at the path (which may be a pattern).
need() {
    compgen -G "$1" >/dev/null || missing+=("${@:2}")
}

# install_missing LOG: installs what is missing, without a question. Fails, and says what to do, when it may not.
install_missing() {
    [ ${#missing[@]} -gt 0 ] || return 0
    local log=$1 as_root=() held=/etc/postgresql-common/createcluster.d/portal-sandbox.conf policy=/usr/sbin/policy-rc.d status=0
    if [ "$(id -u)" -ne 0 ]; then
        if sudo -n true 2>/dev/null; then
            as_root=(sudo -n)
        else
            echo "Missing here, and this user may not install it: sudo apt-get install ${missing[*]}" >&2
            return 1
        fi
    fi
    if ! command -v apt-get >/dev/null; then
        echo "Missing here: ${missing[*]} (so Debian calls these packages)" >&2
        return 1
    fi

    echo "Installing ${missing[*]}"
    # The package would make and start a cluster of its own; nobody needs it.
    if [ ! -e "$held" ]; then
        "${as_root[@]}" mkdir -p "${held%/*}"
        echo 'create_main_cluster = false' | "${as_root[@]}" tee "$held" >/dev/null
    else
        held=
    fi
    # Nor does anybody need the packages' own servers: Debian asks this program whether to start one.
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
        "${as_root[@]}" chmod 0755 "$policy"
    else
        policy=
    fi
    {
        "${as_root[@]}" apt-get -q update \
            && "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
                apt-get -q -y --no-install-recommends -o Dpkg::Options::=--force-confold install "${missing[@]}"
    } </dev/null >"$log" 2>&1 || status=$?
    "${as_root[@]}" rm -f ${held:+"$held"} ${policy:+"$policy"}
    # The machine's sshd stays off at its next start too: nobody asked for a way in.
    case " ${missing[*]} " in
    *" openssh-server "*) "${as_root[@]}" systemctl disable ssh.service ssh.socket >>"$log" 2>&1 || true ;;
    esac
    if [ "$status" -ne 0 ]; then
        tail -n 15 "$log" >&2
        echo "apt-get could not install ${missing[*]}; all it said is in $log" >&2
    fi
    return "$status"
}
