#!/bin/sh
# What surprises: MPI_MAX in Open MPI loses the largest number where another rank has NaN. Four ranks have 1, 2, NaN and 4: every rank is
#   told that the maximum is 2. It is neither NaN, which would be seen, nor 4. Where the NaN is on rank 0 the result is NaN, on rank 1 it
#   is right: what comes depends on which rank has it, and how the reduction goes through the ranks. MPI_MAXLOC of the same numbers
#   gives 4 of rank 3 here, and NaN where the last rank has it.
# Why it matters: a coreset by farthest-first selection over several machines takes the row with the largest distance of all ranks, by
#   one reduction. One row of NaN on one machine, of one damaged picture, and rows of other machines are passed over in silence:
#   the bank is another one, and nothing says so. okng refuses rows that are not finite by their number before the first
#   exchange, and compares the bits of numbers that are not negative as integers.
# Version: Open MPI 4.1.4 (Debian 12, libopenmpi3 4.1.4-3). Source: its reductions are a > b ? a : b (ompi/mca/op/base) or the CPU's own
#   maximum (ompi/mca/op/avx); with a NaN both give the second operand, so that what was gathered before is dropped. The standard
#   leaves NaN open.
# Output seen:
#   | NaN on rank 0: MPI_MAX nan, MPI_MAXLOC 4 of rank 3
#   | NaN on rank 1: MPI_MAX 4, MPI_MAXLOC 4 of rank 3
#   | NaN on rank 2: MPI_MAX 2, MPI_MAXLOC 4 of rank 3
#   | NaN on rank 3: MPI_MAX 3, MPI_MAXLOC nan of rank 3
#
# Not part of CI: it downloads about 100 MB of Debian's packages into a folder that it removes again. Needs the apt-get and
# dpkg of a Debian 12 on x86-64, a C compiler, and no rights.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/archives/partial" "$work/root"
apt-get -qq -y --download-only --no-install-recommends -o Dir::State::status=/dev/null -o Debug::NoLocking=1 \
    -o "Dir::Cache::Archives=$work/archives" install 'libopenmpi3=4.1.4*' 'libopenmpi-dev=4.1.4*' 'openmpi-bin=4.1.4*' >"$work/log" 2>&1 ||
    { cat "$work/log"; exit 1; }
for package in "$work"/archives/*.deb; do
    case $package in
    */libc6_* | */libc-bin_*) ;; # those of the system are in use
    *) dpkg -x "$package" "$work/root" ;;
    esac
done
usr=$work/root/usr
mpi=$usr/lib/x86_64-linux-gnu/openmpi
export LD_LIBRARY_PATH="$usr/lib/x86_64-linux-gnu:$mpi/lib:$work/root/lib/x86_64-linux-gnu" OPAL_PREFIX="$usr" \
    OPAL_LIBDIR="$mpi/lib" OPAL_PKGLIBDIR="$mpi/lib/openmpi3" OPAL_PKGDATADIR="$usr/share/openmpi" OPAL_SYSCONFDIR="$work/root/etc/openmpi"

cat >"$work/max.c" <<'C'
#include <math.h>
#include <mpi.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    int rank, size;
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    for (int at = 0; at < size; at++) {
        const double value = rank == at ? NAN : 1 + rank;
        struct { double value; int rank; } place = {value, rank}, best;
        double max;
        MPI_Allreduce(&value, &max, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
        MPI_Allreduce(&place, &best, 1, MPI_DOUBLE_INT, MPI_MAXLOC, MPI_COMM_WORLD);
        if (rank == 0) printf("NaN on rank %d: MPI_MAX %g, MPI_MAXLOC %g of rank %d\n", at, max, best.value, best.rank);
    }
    return MPI_Finalize();
}
C
cc -I "$mpi/include" "$work/max.c" -o "$work/max" -L "$mpi/lib" -L "$usr/lib/x86_64-linux-gnu" -lmpi -lm
"$usr/bin/mpirun.openmpi" --allow-run-as-root --oversubscribe --mca btl self,vader -n 4 "$work/max" >"$work/seen" 2>"$work/errors" ||
    { cat "$work/errors"; exit 1; }
sed -n 's/^#   | //p' "$0" >"$work/expected"
cat "$work/seen"
diff "$work/expected" "$work/seen" >/dev/null || { echo "this is not what was seen before:"; cat "$work/expected"; exit 1; }
