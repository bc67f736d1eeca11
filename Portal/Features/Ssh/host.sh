#!/bin/sh
# Makes sshd on this host take the SSH certificates that Vault Portal issues, and refuse those that it revoked.
# Read it, try it with --dry-run, run it as root. Run it again whenever something changed: it ends in the same state.
set -eu
export LC_ALL=C
PATH=$PATH:/usr/sbin:/sbin

portal=@PORTAL@
directory=/etc/ssh/vault-portal
config=/etc/ssh/sshd_config
seconds=60
dry_run='' reload=yes timer=yes accounts=''

usage() {
    cat <<EOT
Usage: sh host.sh --account NAME=PRINCIPAL[,PRINCIPAL...] [--account ...] [OPTION...]

Lets those log in as NAME whose certificate from $portal names one of the principals.
The accounts given are all: another one is closed to certificates. Without any, those of the last run stay.

  --account NAME=P[,P...]  an account of this host, and the principals that may enter it
  --interval SECONDS       how often the host fetches the revocation list ($seconds)
  --dry-run                fetch and check everything, say what would be written, change nothing
  --no-reload              do not have sshd read its configuration again
  --no-timer               no systemd timer: print the line for cron
  --directory DIR          where the files lie ($directory)
  --sshd-config FILE       sshd's configuration ($config); the portal's part goes to FILE.d

Taking it back: remove FILE.d/50-vault-portal.conf, reload sshd, then
systemctl disable --now vault-portal-krl.timer, and remove DIR.
EOT
}

fail() {
    echo "host.sh: $*" >&2
    exit 1
}

# plain TEXT: whether it means nothing to sshd but a name.
plain() {
    case $1 in
    '' | *[!A-Za-z0-9_.@-]* | [!A-Za-z_]*) return 1 ;;
    esac
    [ ${#1} -le 63 ]
}

# path NAME TEXT
path() {
    case $2 in
    *[!A-Za-z0-9_./-]* | *//* | */./* | */../* | */. | */.. | */) fail "$1 has letters, digits and _ . - / alone, without . and .. for folders" ;;
    /*) ;;
    *) fail "$1 begins with /" ;;
    esac
}

# add_account NAME=PRINCIPAL,...: a line "NAME PRINCIPAL PRINCIPAL" more.
add_account() {
    name=${1%%=*} left=${1#*=},
    [ "$name" != "$1" ] || fail "--account is NAME=PRINCIPAL, such as deploy=deploy,ubuntu"
    plain "$name" || fail "--account: the name before = has letters, digits and _ . - @ alone, and begins with a letter or _"
    id -u -- "$name" >/dev/null 2>&1 || fail "--account: there is no account $name on this host"
    account=$name
    while [ -n "$left" ]; do
        plain "${left%%,*}" || fail "--account $name: a principal has letters, digits and _ . - @ alone, and begins with a letter or _"
        account="$account ${left%%,*}" left=${left#*,}
    done
    accounts="$accounts$account
"
}

while [ $# -gt 0 ]; do
    case $1 in
    --help | -h) usage && exit ;;
    --dry-run) dry_run=yes ;;
    --no-reload) reload='' ;;
    --no-timer) timer='' ;;
    --account | --interval | --directory | --sshd-config)
        [ $# -ge 2 ] || fail "$1 needs a value"
        case $1 in
        --account) add_account "$2" ;;
        --interval) seconds=$2 ;;
        --directory) directory=$2 ;;
        --sshd-config) config=$2 ;;
        esac
        shift
        ;;
    *) fail "unknown: $1 (--help says what there is)" ;;
    esac
    shift
done
path --directory "$directory"
path --sshd-config "$config"
case $seconds in
'' | *[!0-9]* | 0* | ??????*) fail "--interval is a number of seconds, such as 60" ;;
esac

# get URL FILE: at most 32 MiB within 30 seconds, and no way to another address.
get() (
    ulimit -f 65536
    if command -v curl >/dev/null; then
        exec timeout 30 curl -q -sS --fail -o "$2" "$1"
    fi
    exec timeout 30 wget -q -t 1 --max-redirect=0 -O "$2" "$1"
)

# 1. What must be there.
for program in sshd ssh-keygen flock timeout od mktemp; do
    command -v "$program" >/dev/null || fail "$program is not installed here"
done
command -v curl >/dev/null || command -v wget >/dev/null || fail "neither curl nor wget is installed here"
sshd=$(command -v sshd)
drop_in=$config.d/50-vault-portal.conf
parent=$(dirname "$directory")
[ -f "$config" ] || fail "$config is missing"
[ -d "$parent" ] || fail "$parent is missing"
{ [ -w "$parent" ] && [ -w "$(dirname "$config")" ]; } || fail "run it as root"
[ -n "$accounts" ] || [ -n "$(ls "$directory/principals" 2>/dev/null)" ] || fail "say who may log in: --account deploy=deploy (--help says more)"
# sshd reads no principals from where others may write.
folder=$parent
while [ "$folder" != / ]; do
    [ -z "$(find "$folder" -prune \( -perm -020 -o -perm -002 \))" ] || fail "$folder can be written by others than its owner, so sshd would take nothing below it"
    folder=$(dirname "$folder")
done
# Debian makes this folder when sshd starts, and sshd checks nothing without it.
privileges=$("$sshd" -t -f "$config" 2>&1 | tr -d '\r' | sed -n 's/^Missing privilege separation directory: //p')
[ -z "$privileges" ] || mkdir -m 0755 "$privileges"
"$sshd" -t -f "$config" || fail "sshd does not take $config as it is: mend that first. Nothing was changed"

# 2. All files, made and checked beside their place.
umask 022
work=$(mktemp -d "$directory.XXXXXX")
undo='' made=''
finish() {
    status=$?
    trap '' HUP INT TERM
    [ -z "$undo" ] || take_back
    rm -rf "$work"
    exit "$status"
}
trap finish EXIT
trap 'exit 130' HUP INT TERM
mkdir "$work/new" "$work/new/principals"
printf '%s\n' "$portal" >"$work/new/portal"
get "$portal/api/v1/ssh/ca" "$work/new/ca.pub" || fail "$portal/api/v1/ssh/ca cannot be fetched. Nothing was changed"
trusted=$(ssh-keygen -l -f "$work/new/ca.pub" 2>/dev/null) || fail "$portal/api/v1/ssh/ca gave no public key. Nothing was changed"
if [ -d "$directory" ]; then
    # Updates wait until this is done.
    exec 9<"$directory"
    flock 9
    cp -Rp "$directory" "$work/before"
    [ ! -f "$drop_in" ] || cp -p "$drop_in" "$work/before.conf"
    # Versions of this portal alone can be compared with those of its list.
    if [ -f "$directory/revoked.krl" ] && [ "$(cat "$directory/portal" 2>/dev/null)" = "$portal" ]; then
        cp "$directory/revoked.krl" "$work/new/"
    fi
fi
if [ -n "$accounts" ]; then
    printf '%s' "$accounts" | while read -r name principals; do
        printf '%s\n' "$principals" | tr ' ' '\n' >>"$work/new/principals/$name"
    done
else
    cp "$directory"/principals/* "$work/new/principals/"
fi
cat >"$work/new.conf" <<EOT
# Written by Vault Portal's host.sh.
TrustedUserCAKeys $directory/ca.pub
RevokedKeys $directory/revoked.krl
AuthorizedPrincipalsFile $directory/principals/%u
EOT

# The program that fetches the list, from here to END.
cat >"$work/new/update" <<'END'
#!/bin/sh
# Fetches the portal's revocation list for sshd: sh update [DIR], by default the folder that it lies in.
# Whatever goes wrong, the last good list stays: without one, sshd would refuse everybody.
# It fetches no authority: this list only takes rights away, and what gives them is changed by root alone, with host.sh.
set -eu
export LC_ALL=C
umask 022
directory=${1:-$(dirname "$0")}
cd "$directory"
list=revoked.krl new=revoked.krl.new

fail() {
    echo "update: $*" >&2
    [ ! -f "$list" ] || echo "update: the list from before stays in use" >&2
    exit 1
}

# judge LIST: 0 when sshd can use it, 1 when it revokes the authority, with which sshd would refuse every certificate, more when it cannot be read.
judge() {
    ssh-keygen -Q -f "$1" ca.pub >/dev/null 2>&1
}

# Bytes 12 to 19, the highest first: see PROTOCOL.krl of OpenSSH.
version() {
    echo $((0x$(od -An -tx1 -j12 -N8 "$1" | tr -d ' \n')))
}

# get URL FILE: at most 32 MiB within 30 seconds, and no way to another address. Says the status.
get() (
    ulimit -f 65536
    if command -v curl >/dev/null; then
        # The portal's tag for a version is its number.
        exec timeout 30 curl -q -sS --fail -w '%{http_code}' -H "If-None-Match: \"$have\"" -o "$2" "$1"
    fi
    timeout 30 wget -q -t 1 --max-redirect=0 -O "$2" "$1" && echo 200
)

# One at a time, what an update that was killed left running included. The lock is on the folder, so it needs no room on the disk.
exec 9<.
flock 9

# A list with which sshd refuses everybody is worse than any other.
have=0
[ ! -f "$list" ] || ! judge "$list" || have=$(version "$list")

rm -f "$new"
trap 'rm -f "$new"' EXIT
trap 'exit 1' HUP INT TERM
url=$(cat portal)/api/v1/ssh/krl
status=$(get "$url" "$new") || fail "$url cannot be fetched"
[ "$status" != 304 ] || [ "$have" -eq 0 ] || exit 0
verdict=0
judge "$new" || verdict=$?
[ "$verdict" -ne 1 ] || fail "$url gave a list that revokes the authority itself, so that no certificate would open this host"
[ "$verdict" -eq 0 ] || fail "$url gave no revocation list"
got=$(version "$new")
[ "$got" -ge "$have" ] || fail "$url gave version $got, older than $have"
[ "$got" -gt "$have" ] || exit 0
chmod 0644 "$new"
sync "$new"
mv -f "$new" "$list"
sync .
echo "Revocation list $got is in use"
END
chmod 0755 "$work/new/update"
sh "$work/new/update" "$work/new" >/dev/null || fail "the revocation list was not taken, and update says why. Nothing was changed"

# say_accounts FOLDER
say_accounts() {
    for file in "$1"/principals/*; do
        echo "  ${file##*/} is open to: $(tr '\n' ' ' <"$file")"
    done
}

if [ -n "$dry_run" ]; then
    echo "Everything is well. Written would be $drop_in:"
    cat "$work/new.conf"
    echo "and into $directory: ca.pub ($trusted), revoked.krl, portal, update"
    say_accounts "$work/new"
    exit
fi

# 3. Into their places, one after another and each at once; all back when sshd does not like it.
# put FROM
put() {
    mkdir -p "$directory/principals"
    for file in "$directory"/principals/*; do
        [ -f "$1/principals/${file##*/}" ] || rm -f "$file"
    done
    for file in "$1"/principals/*; do
        [ ! -f "$file" ] || mv -f "$file" "$directory/principals/"
    done
    for file in portal ca.pub update revoked.krl; do
        if [ -f "$1/$file" ]; then
            mv -f "$1/$file" "$directory/$file"
        else
            rm -f "$directory/$file"
        fi
    done
}

take_back() {
    if [ -f "$work/before.conf" ]; then
        mv -f "$work/before.conf" "$drop_in"
    else
        rm -f "$drop_in" "$drop_in.new"
        [ -z "$made" ] || rmdir "$config.d"
    fi
    if [ -d "$work/before" ]; then
        put "$work/before"
        [ -d "$work/before/principals" ] || rmdir "$directory/principals"
    else
        rm -rf "$directory"
    fi
    echo "host.sh: everything is as it was" >&2
}

undo=yes
put "$work/new"
[ -d "$config.d" ] || { mkdir "$config.d" && made=yes; }
cp "$work/new.conf" "$drop_in.new"
mv -f "$drop_in.new" "$drop_in"
"$sshd" -t -f "$config" || fail "sshd does not take its configuration with $drop_in"
effective=$("$sshd" -T -f "$config" -C addr=127.0.0.1,user=root,host=localhost,laddr=127.0.0.1,lport=22)
while read -r keyword value; do
    printf '%s\n' "$effective" | grep -qixF "$keyword $value" ||
        fail "sshd does not follow $drop_in. $config needs the line
  Include $config.d/*.conf
above all others, and no line before it may set $keyword"
done <<EOT
$(grep -v '^#' "$drop_in")
EOT
undo=''
echo "Trusts $trusted"
say_accounts "$directory"

# 4. sshd and the timer.
pid_file=$(printf '%s\n' "$effective" | sed -n 's/^pidfile //p')
if [ -z "$reload" ]; then
    echo "Have sshd read its configuration again: nothing above holds before"
elif pid=$(cat "$pid_file" 2>/dev/null) && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = sshd ]; then
    kill -HUP "$pid"
    echo "sshd reads its configuration again"
else
    echo "sshd does not run on its own (no $pid_file): it reads this at its next start"
fi

if [ -z "$timer" ] || [ ! -d /run/systemd/system ]; then
    echo "Have the list fetched, by a line in /etc/crontab such as"
    echo "  * * * * * root sh $directory/update"
    exit
fi
cat >/etc/systemd/system/vault-portal-krl.service <<EOT
[Unit]
Description=Fetch the SSH revocation list of Vault Portal

[Service]
Type=oneshot
ExecStart=/bin/sh $directory/update
TimeoutStartSec=2min
NoNewPrivileges=yes
PrivateTmp=yes
ProtectHome=yes
ProtectSystem=strict
ReadWritePaths=$directory
EOT
cat >/etc/systemd/system/vault-portal-krl.timer <<EOT
[Unit]
Description=Fetch the SSH revocation list of Vault Portal, again and again

[Timer]
OnBootSec=5s
OnUnitActiveSec=${seconds}s
AccuracySec=1s

[Install]
WantedBy=timers.target
EOT
if systemctl daemon-reload && systemctl enable vault-portal-krl.timer && systemctl restart vault-portal-krl.timer; then
    echo "The list is fetched every $seconds seconds: systemctl list-timers vault-portal-krl.timer"
else
    fail "the timer did not start, so nobody fetches the list: see systemctl status vault-portal-krl.timer"
fi
