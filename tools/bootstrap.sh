# Sourced by ./chunfeng when the environment is missing: makes it, with uv if it can be had and with pip if not.
# Nothing here needs more than bash and Python: no venv package, no right to write outside the checkout.
# shellcheck shell=bash disable=SC2154  # $home, $root and $env belong to ./chunfeng

export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_REQUIRE_VIRTUALENV=0

# --- what the machine must lend us -------------------------------------------

find_python() {                                          # sets $python, the real path of a Python ≥ 3.11
  local candidate
  for candidate in ${CHUNFENG_PYTHON:+"$CHUNFENG_PYTHON"} python3.13 python3.12 python3.11 python3 python; do
    python=$("$candidate" -c 'import os, sys; sys.version_info >= (3, 11) or sys.exit(1)
print(os.path.realpath(getattr(sys, "_base_executable", sys.executable)))' 2>/dev/null) && return
    [[ $candidate != "${CHUNFENG_PYTHON:-}" ]] ||
      die 3 "CHUNFENG_PYTHON=$candidate 不是 3.11 以上的 Python。" "CHUNFENG_PYTHON=$candidate is no Python 3.11 or newer."
  done
  die 3 "找不到 Python 3.11 或更高版本。" "No Python 3.11 or newer found. Mend it with:" \
    "    $(as_root)apt-get update && $(as_root)apt-get install -y --no-install-recommends python3 python3-pip"
}

as_root() { [[ $EUID == 0 ]] || printf 'sudo '; }

find_pip() {                                             # sets ${pip[@]}, a pip that may be a mere wheel file
  local wheel
  pip=("$python" -m pip)
  "${pip[@]}" --version >/dev/null 2>&1 && return
  for wheel in "$("$python" -c 'import os, ensurepip; print(os.path.dirname(ensurepip.__file__))' 2>/dev/null)"/_bundled/pip-*.whl \
    /usr/share/python-wheels/pip-*.whl "${CHUNFENG_WHEELHOUSE:-/nowhere}"/pip-*.whl; do
    pip=("$python" "$wheel/pip")
    [[ -f $wheel ]] && "${pip[@]}" --version >/dev/null 2>&1 && return
  done
  return 1
}

install_pip() {                                          # the last resort: ask Debian
  local update="apt-get update" install="apt-get install -y --no-install-recommends python3-pip"
  command -v apt-get >/dev/null ||
    die 3 "本机没有 pip，也没有 uv。请先安装其中之一。" "This machine has neither pip nor uv: install one of them first."
  [[ $EUID == 0 ]] ||
    die 3 "本机没有 pip。请管理员执行下面一行，然后重试：" "This machine has no pip. Run this one line, then try again:" "    sudo $update && sudo $install"
  say "本机没有 pip，正在安装 / no pip here, installing it: $install"
  $update >&2 || true
  $install >&2 || true
  find_pip || die 3 "安装失败，请检查软件源后手工执行：" "That failed; check the package sources and run it by hand:" "    $update && $install"
}

find_uv() {                                              # sets $uv; returns 1 when only pip can be had
  for uv in "$home/boot/bin/uv" "$(command -v uv || true)"; do
    [[ -n $uv ]] && "$uv" --version >/dev/null 2>&1 && return
  done
  find_pip || install_pip
  local fresh=$home/boot.new.$$
  "${pip[@]}" install --quiet --no-deps --only-binary :all: --require-hashes "${offline[@]}" \
    --target "$fresh" --requirement "$root/requirements/boot.txt" >&2 2>"$home/boot.log" || return 1
  rm -rf "${home:?}/boot" && mv "$fresh" "$home/boot"
  uv=$home/boot/bin/uv
  "$uv" --version >/dev/null 2>&1
}

borrow_pip_settings() {                                  # uv reads no pip.conf: hand it the mirror and certificates
  local mirror cert
  find_pip || return 0
  mirror=${PIP_INDEX_URL:-$("${pip[@]}" config get global.index-url 2>/dev/null || true)}
  cert=${PIP_CERT:-$("${pip[@]}" config get global.cert 2>/dev/null || true)}
  [[ -z $mirror || -n ${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-} ]] || export UV_DEFAULT_INDEX=$mirror
  [[ -z $cert || -n ${SSL_CERT_FILE:-} ]] || export SSL_CERT_FILE=$cert
}

# --- making the environment ---------------------------------------------------

prepare() {
  local level=$1
  env=$home/env-$level-$(key "$level")
  [[ ! -L $env/bin/python || -x $env/bin/python ]] ||
    die 3 "运行环境用的 $(readlink "$env/bin/python") 本用户不能执行：请用系统的 Python 重新准备，见 docs/operations.md。" \
      "The environment's Python cannot be run by this user: prepare it with the system's Python, see docs/operations.md."
  { mkdir -p "$home" && [[ -w $home ]]; } 2>/dev/null || die 3 "无法写入 $home，请把本目录复制到自己的目录下再用。" "Cannot write to $home: copy this folder to a place of your own."
  exec 9>"$home/lock"
  if command -v flock >/dev/null; then
    flock -n 9 || { say "另一个进程正在准备环境，请稍候…" "Another process is preparing the environment, waiting …"; flock 9; }
    rm -rf "$home"/*.new.*                               # what a killed bootstrap left behind
  fi
  env=$home/env-$level-$(key "$level")
  fresh=$home/env-$level.new.$$
  trap 'rm -rf "$fresh"' EXIT
  if [[ ! -x $env/bin/python ]]; then
    say "第一次使用或依赖有更新，正在准备运行环境…" "First use, or new requirements: preparing the environment …"
    find_python
    install "$level" "$fresh" || die 4 "安装失败，原因见上。网络不通时：换镜像（PIP_INDEX_URL），或用离线包（CHUNFENG_WHEELHOUSE=目录）。" \
      "Installation failed, see above. Without network: set a mirror (PIP_INDEX_URL) or an offline folder (CHUNFENG_WHEELHOUSE=DIR)."
    printf '%s\n' ../../../../../src >"$(echo "$fresh"/lib/python3*/site-packages)/chunfeng-src.pth"
    rm -rf "$env"
    mv "$fresh" "$env"
    ln -sfn "${env##*/}" "$home/venv"
    find "$home" -maxdepth 1 -name "env-$level-*" ! -path "$env" -mtime +1 -exec rm -rf {} +
  fi
  trap - EXIT
  exec 9>&-
}

install() {                                              # level $1 into folder $2
  local lock=$root/requirements/$1.txt
  offline=()
  if [[ -n ${CHUNFENG_WHEELHOUSE:-} ]]; then
    [[ -d $CHUNFENG_WHEELHOUSE ]] || die 3 "没有离线包目录 $CHUNFENG_WHEELHOUSE" "There is no folder $CHUNFENG_WHEELHOUSE (CHUNFENG_WHEELHOUSE)."
    offline=(--no-index --find-links "$(cd "$CHUNFENG_WHEELHOUSE" && pwd)")
  fi
  if find_uv; then
    ((${#offline[@]})) || borrow_pip_settings
    [[ -w ${HOME:-/nowhere} ]] || export UV_CACHE_DIR=${UV_CACHE_DIR:-$home/cache/uv}
    "$uv" venv --no-config --quiet --relocatable --python "$python" "$2" >&2 &&
      "$uv" pip sync --no-config --quiet --require-hashes "${offline[@]}" --python "$2/bin/python" "$lock" >&2
  else
    say "没有 uv，改用 pip（较慢）… / no uv to be had, using pip (slower) …"
    "$python" -m venv --without-pip "$2" >&2 &&
      "${pip[@]}" --python "$2/bin/python" install --quiet --require-hashes "${offline[@]}" --requirement "$lock" >&2
  fi
}

wheelhouse() {                                           # everything for an installation without network
  local folder=${1:?"用法 usage: ./chunfeng wheelhouse DIR [base|dev|bench]"} level=${2:-dev}
  find_python
  find_pip || install_pip
  "${pip[@]}" download --quiet --only-binary :all: --require-hashes --dest "$folder" \
    --requirement "$root/requirements/boot.txt" --requirement "$root/requirements/$level.txt"
  say "$folder 已备好 / is filled: CHUNFENG_WHEELHOUSE=$folder ./chunfeng …"
}
