#!/bin/sh
# The linker of the Windows builds: mingw's gcc. rustc names its start-up objects without a folder, because they
# belong to a ready-made standard library, which these targets lack: ours are put in their place.
# OBMEN_MINGW is the prefix of the compiler, OBMEN_STARTUP the folder of the objects.
count=$#
while [ "$count" -gt 0 ]; do
    argument=$1
    shift
    case $argument in
        rsbegin.o | rsend.o) argument=$OBMEN_STARTUP/$argument ;;
    esac
    set -- "$@" "$argument"
    count=$((count - 1))
done
exec "$OBMEN_MINGW-gcc-win32" "$@"
