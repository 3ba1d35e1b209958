# usage: perl make/sockets.pl PATH... -- COMMAND ARGUMENT...
# Listens on each PATH and runs COMMAND with the sockets as descriptors 10, 11, 12 ... in order.
#
# It is systemd's part on a machine without its units: the sockets outlive the responders, so a
# client that calls while one is started again waits instead of being refused. In Perl because
# bash cannot open a listening socket, and every Debian has Perl and its Socket.
use strict;
use warnings;
use POSIX ();
use Socket qw(AF_UNIX SOCK_STREAM pack_sockaddr_un);

my @paths;
push @paths, shift @ARGV while @ARGV and $ARGV[0] ne '--';
shift @ARGV;

my $descriptor = 10;
for my $path (@paths) {
    # The lock on SOUK_HOME is held, so a socket file that stands there is a dead one.
    unlink $path;
    socket(my $socket, AF_UNIX, SOCK_STREAM, 0) or die "souk: no socket: $!\n";
    bind($socket, pack_sockaddr_un($path)) or die "souk: cannot bind $path: $!\n";
    # 4096: at 512 waiting clients and more, a shorter queue turns them away.
    listen($socket, 4096) or die "souk: cannot listen on $path: $!\n";
    # A duplicate is left open for COMMAND; Perl closes its own.
    POSIX::dup2(fileno($socket), $descriptor++) or die "souk: cannot pass $path on: $!\n";
}
exec @ARGV or die "souk: cannot run $ARGV[0]: $!\n";
