# usage: perl make/sockets.pl PATH... -- COMMAND ARGUMENT...
# Listens on each PATH and runs COMMAND with the sockets as descriptors 10, 11, 12 ... in order.
#
# It replaces systemd's socket units for `make run`: the sockets outlive the responders, so requests that arrive during
# a restart wait and are not refused. In Perl, because bash cannot open a listening socket and every Debian has Perl.
use strict;
use warnings;
use POSIX ();
use Socket qw(AF_UNIX SOCK_STREAM pack_sockaddr_un);

my @paths;
push @paths, shift @ARGV while @ARGV and $ARGV[0] ne '--';
shift @ARGV;

my $descriptor = 10;
for my $path (@paths) {
    # The caller holds the lock on SOUK_HOME, so no process listens on an existing socket file.
    unlink $path;
    socket(my $socket, AF_UNIX, SOCK_STREAM, 0) or die "souk: no socket: $!\n";
    bind($socket, pack_sockaddr_un($path)) or die "souk: cannot bind $path: $!\n";
    # 4096: a shorter queue refuses connections of 512 or more waiting clients.
    listen($socket, 4096) or die "souk: cannot listen on $path: $!\n";
    # COMMAND inherits the duplicate; Perl closes the original.
    POSIX::dup2(fileno($socket), $descriptor++) or die "souk: cannot pass $path on: $!\n";
}
exec @ARGV or die "souk: cannot run $ARGV[0]: $!\n";
